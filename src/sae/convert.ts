// Writes an SAE of any layout as one of SAELens v6, with a record of what it was made from.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError, isTemporary, removeTemporaries, writeFileAtomic } from '../formats/atomic-write.js';
import { openCheckpoint } from './checkpoint.js';
import { type OpenedSae, readSae } from './open-sae.js';
import { encodeSaelens, saelensFiles } from './sources/saelens-write.js';
import type { Stated } from './stated.js';

/**
 * Writes the SAE at `path` into `folder`, as sae_weights.safetensors and then cfg.json. The same source always gives the
 * same bytes; a folder that a killed conversion has left is completed.
 * @throws as `openSae`; input.format for an SAE that SAELens cannot compute; input.file where the folder holds anything
 * else, which is left as it is
 */
export async function convertToSaelens(
  path: string,
  folder: string,
  stated: Stated = {},
): Promise<OpenedSae> {
  const { opened, source } = await openCheckpoint(path, async (checkpoint) => ({
    opened: await readSae({ ...checkpoint, stated }),
    source: checkpoint.tensors.file,
  }));
  const { sae, hookName, origin } = opened;
  if (sae.activation.kind === 'topk' && !sae.activation.relu) {
    throw new ReseedError('input.format', 'SAELens has no TopK that keeps codes below 0', {
      file: source,
      field: 'activation',
      found: 'TopK without ReLU',
      expected: 'one that SAELens would encode with alike',
    });
  }
  const { format, path: _, ...known } = origin;
  const convertedFrom = { format, file: basename(source), sha256: await sha256Of(source) };
  const { weights, config } = encodeSaelens(
    sae,
    hookName,
    { ...opened.record, ...known, convertedFrom },
    source,
  );
  const files: [string, Uint8Array][] = [
    [saelensFiles.weights, weights],
    // Last: it says that the weights beside it are whole.
    [saelensFiles.config, new TextEncoder().encode(config)],
  ];
  await prepare(folder, new Map(files));
  for (const [name, bytes] of files) await writeFileAtomic(join(folder, name), bytes);
  return opened;
}

/** Makes the folder, or sees that it holds nothing but what is to be written. */
async function prepare(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, 'write', cause);
  });
  const names = await readdir(folder).catch((cause) => {
    throw fileError(folder, 'read', cause);
  });
  for (const name of names) {
    if (isTemporary(name)) continue;
    const bytes = files.get(name);
    if (bytes && (await sha256Of(join(folder, name))) === createHash('sha256').update(bytes).digest('hex'))
      continue;
    throw new ReseedError('input.file', 'the folder holds other things already', {
      file: folder,
      found: bytes ? `another ${name}` : name,
      expected: 'a new or an empty folder',
    });
  }
  await removeTemporaries(folder);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  return hash.digest('hex');
}
