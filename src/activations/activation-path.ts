// What a path to activations means: a file, or a folder of them; and a tensor in it, where one is named after a #.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';

export interface ActivationPath {
  /** One, or those of a folder in natural order: shard-2 before shard-10. */
  readonly files: readonly string[];
  /** The tensor that was asked for, in each file. */
  readonly tensor?: string;
}

/**
 * `path` is a file or folder, or that with `#` and the name of a tensor behind it. What there is decides: the whole is a
 * path where there is one of that name, else what stands before the first # that makes it one.
 * @throws input.file when there is nothing, or a folder holds no files or folders of its own
 */
export async function findActivations(path: string): Promise<ActivationPath> {
  const whole = await filesAt(path);
  if (whole) return { files: whole };
  for (let at = path.indexOf('#'); at >= 0; at = path.indexOf('#', at + 1)) {
    const files = at > 0 ? await filesAt(path.slice(0, at)) : undefined;
    if (files) return { files, tensor: path.slice(at + 1) };
  }
  throw fileError(path, 'read', { code: 'ENOENT' });
}

/** Notes and tables that stand beside shards; every other file is taken for a shard. */
const notes = /\.(json|jsonl|parquet|yaml|yml|md|txt|csv|log)$/i;

async function filesAt(path: string): Promise<string[] | undefined> {
  const found = await statOf(path);
  if (!found?.isDirectory()) return found && [path];
  const names = await readdir(path).catch((cause) => {
    throw fileError(path, 'read', cause);
  });
  const files: string[] = [];
  for (const name of names.filter((entry) => !entry.startsWith('.') && !notes.test(entry))) {
    const file = join(path, name);
    if ((await statOf(file))?.isDirectory()) {
      throw new ReseedError('input.file', 'there is a folder among the activations', { file });
    }
    files.push(file);
  }
  if (files.length === 0)
    throw new ReseedError('input.file', 'there are no activations in it', { file: path });
  return files.sort(naturally);
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError(path, 'read', cause);
  }
}

const { compare } = new Intl.Collator('en', { numeric: true });

function naturally(a: string, b: string): number {
  return compare(basename(a), basename(b)) || (a < b ? -1 : 1);
}
