// Writes an SAE of any layout as one of another, with a record of what it was made from.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError, isTemporary, removeTemporaries, writeFileAtomic } from '../formats/atomic-write.js';
import { openCheckpoint } from './checkpoint.js';
import type { ConvertLayout } from './convert-layouts.js';
import { type OpenedSae, readSae } from './read-sae.js';
import type { SaeRecord } from './source.js';
import { dictionaryLearningFiles, encodeDictionaryLearning } from './sources/dictionary-learning-write.js';
import { saelensContent, saelensFiles } from './sources/saelens-write.js';
import { stateDictFile, stateDictPieces } from './sources/state-dict-write.js';
import type { StatedSettings } from './stated-settings.js';
import { filesOf } from './weight-files.js';

export interface Converted extends OpenedSae {
  /** What the tool of this layout will compute in another way, if anything. */
  readonly caveat?: string;
}

/**
 * Writes the SAE at `path` into `folder`: the weights, and then the configuration where there is one. The same source always
 * gives the same bytes; a folder that a killed conversion has left is completed.
 * @throws as `openSae`; input.format for an SAE that the layout has no place for; input.file where the folder holds anything
 * else, which is left as it is
 */
export async function convertSae(
  path: string,
  layout: ConvertLayout,
  folder: string,
  stated: StatedSettings = {},
): Promise<Converted> {
  const { opened, source } = await openCheckpoint(path, async (checkpoint) => ({
    opened: await readSae({ ...checkpoint, stated }),
    source: checkpoint.tensors.file,
  }));
  const { format, path: _, ...known } = opened.origin;
  const convertedFrom = { format, file: basename(source), sha256: await sha256Of(await filesOf(source)) };
  const files = filesIn(layout, opened, { ...opened.record, ...known, convertedFrom }, source);
  await prepare(folder, new Map(files));
  for (const [name, bytes] of files) await writeFileAtomic(join(folder, name), bytes);
  const { activation } = opened.sae;
  const clipped = layout === 'saelens' && activation.kind === 'topk' && !activation.relu;
  return { ...opened, ...(clipped ? { caveat: clippedCodes } : {}) };
}

const clippedCodes =
  'SAELens passes what TopK keeps through ReLU, and this SAE does not: SAELens will drop its codes below 0. ' +
  'metadata.reseed.relu says so, and reseed reads them; --to safetensors keeps them for other readers';

/** A whole file, or its pieces. */
type Content = Uint8Array | Iterable<Uint8Array>;

/** The configuration last: it says that the weights beside it are whole. */
function filesIn(
  layout: ConvertLayout,
  { sae, hookName }: OpenedSae,
  record: SaeRecord,
  source: string,
): [string, Content][] {
  if (sae.activation.kind === 'routed') {
    throw new ReseedError('input.format', 'no layout that is written has a router', {
      file: source,
      field: 'architecture',
      found: sae.architecture,
      expected: 'an SAE without one; compare and inspect read it as it is',
    });
  }
  if (layout === 'safetensors') return [[stateDictFile, stateDictPieces(sae, hookName, record, source)]];
  const names = layout === 'saelens' ? saelensFiles : dictionaryLearningFiles;
  const encode = layout === 'saelens' ? saelensContent : encodeDictionaryLearning;
  const { weights, config } = encode(sae, hookName, record, source);
  return [
    [names.weights, weights],
    [names.config, new TextEncoder().encode(config)],
  ];
}

/** Makes the folder, or sees that it holds nothing but what is to be written. */
async function prepare(folder: string, files: ReadonlyMap<string, Content>): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, 'write', cause);
  });
  const names = await readdir(folder).catch((cause) => {
    throw fileError(folder, 'read', cause);
  });
  for (const name of names) {
    if (isTemporary(name)) continue;
    const bytes = files.get(name);
    if (bytes && (await sha256Of([join(folder, name)])) === sha256OfContent(bytes)) continue;
    throw new ReseedError('input.file', 'the folder holds other things already', {
      file: folder,
      found: bytes ? `another ${name}` : name,
      expected: 'a new or an empty folder',
    });
  }
  await removeTemporaries(folder);
}

function sha256OfContent(content: Content): string {
  const hash = createHash('sha256');
  for (const piece of content instanceof Uint8Array ? [content] : content) hash.update(piece);
  return hash.digest('hex');
}

/** Of several files, one after another. */
async function sha256Of(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    try {
      for await (const chunk of createReadStream(file)) hash.update(chunk);
    } catch (cause) {
      throw fileError(file, 'read', cause);
    }
  }
  return hash.digest('hex');
}
