// The folder of a harvest: which shards an earlier run has left in it, and whether it was made of the same.
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ReseedError } from '../../errors.js';
import { fileError, isTemporary, removeTemporaries, writeFileAtomic } from '../../formats/atomic-write.js';
import { lockFolder } from '../../formats/folder-lock.js';

/** What the bytes of a harvest depend on. */
export type Made = Readonly<Record<string, unknown>>;

export interface Harvested {
  readonly rows: number;
  readonly contexts: number;
  readonly width: number;
  readonly shards: number;
}

const record = 'harvest.json';

export function shardName(shard: number): string {
  return `activations-${String(shard).padStart(5, '0')}.safetensors`;
}

export function writeRecord(to: string, value: Made & { readonly harvested?: Harvested }): Promise<void> {
  return writeFileAtomic(join(to, record), `${JSON.stringify(value, null, 2)}\n`);
}

/** Takes the folder for this process, making it where it is missing. @throws input.locked while another has it; input.file */
export async function lockHarvest(to: string): Promise<() => Promise<void>> {
  await mkdir(to, { recursive: true }).catch((cause) => {
    throw fileError(to, 'write', cause);
  });
  return lockFolder(join(to, '.lock'), { folder: to, flag: '--to' });
}

/** What a finished run has left; the folder is there, and locked. @throws input.file where the folder is another harvest's, or holds other files */
export async function openFolder(to: string, made: Made): Promise<Harvested | undefined> {
  await removeTemporaries(to);
  const found = await readFile(join(to, record), 'utf8').catch(() => undefined);
  if (found === undefined) {
    const others = (await readdir(to)).filter((name) => !name.startsWith('.') && !isTemporary(name));
    if (others.length === 0) {
      await writeRecord(to, made);
      return undefined;
    }
    throw new ReseedError('input.file', 'the folder holds other files', {
      file: to,
      found: others.slice(0, 3).join(', '),
      expected: 'a new folder, or one that harvest has begun',
    });
  }
  const { harvested, ...earlier } = parsed(found);
  const differing = [...new Set([...Object.keys(made), ...Object.keys(earlier)])].find(
    (key) => JSON.stringify(made[key]) !== JSON.stringify(earlier[key]),
  );
  if (differing === undefined) return harvested;
  throw new ReseedError('input.file', 'the folder holds another harvest', {
    file: to,
    field: differing,
    found: JSON.stringify(earlier[differing]) ?? 'nothing',
    expected: `${JSON.stringify(made[differing]) ?? 'nothing'}, or another --to`,
  });
}

function parsed(text: string): Record<string, unknown> & { readonly harvested?: Harvested } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Shards that an earlier run has written; they were written in their order. */
export async function shardsIn(to: string): Promise<number> {
  for (let shard = 0; ; shard++)
    if (!(await stat(join(to, shardName(shard))).catch(() => undefined))) return shard;
}
