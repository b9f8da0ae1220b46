// Activations in one file, or in a folder of files whose rows follow each other in the order of their names.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ReseedError, throwIfCancelled } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { type Matrix, zeros } from '../tensor/matrix.js';
import { activationsShape, loadActivations } from './file.js';

export interface Shards {
  readonly files: readonly string[];
  /** Rows of each file. */
  readonly rows: readonly number[];
  /** d */
  readonly cols: number;
}

export interface ShardHooks {
  readonly signal?: AbortSignal;
  /** Called with the share that is done, in [0, 1]. */
  onProgress?(share: number): void;
}

const extensions = /\.(npy|npz|safetensors|pt)$/;

/**
 * What lies at `path`, reading only the beginnings of its files. Numbers in names count as numbers: part2 before part10.
 * @throws input.file; input.format; input.shape when shards differ in width, or there is no row at all
 */
export async function openShards(path: string): Promise<Shards> {
  const files = await filesAt(path);
  const shapes = [];
  for (const file of files) shapes.push(await activationsShape(file));
  const [{ cols }] = shapes;
  const other = shapes.findIndex((shape) => shape.cols !== cols);
  if (other >= 0) {
    throw new ReseedError('input.shape', 'shards of activations differ in width', {
      file: files[other],
      found: `d = ${shapes[other].cols}`,
      expected: `d = ${cols}, as in ${files[0]}`,
    });
  }
  const rows = shapes.map((shape) => shape.rows);
  if (cols > 0 && rows.some((n) => n > 0)) return { files, rows, cols };
  throw new ReseedError('input.shape', 'there are no activations', {
    file: path,
    found: `[${rows.reduce((sum, n) => sum + n, 0)} × ${cols}]`,
    expected: 'at least one row',
  });
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause) => {
    throw fileError(path, 'read', cause);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => extensions.test(name) && !name.startsWith('.'));
  if (names.length === 0) {
    throw new ReseedError('input.file', 'there are no shards of activations in this folder', {
      file: path,
      expected: 'files .npy, .npz, .safetensors or .pt',
    });
  }
  return names.sort(byName.compare).map((name) => join(path, name));
}

const byName = new Intl.Collator('en', { numeric: true });

/** SHA-256 of the contents, one file after the other, in hexadecimal. @throws input.file */
export async function hashOfShards({ files }: Shards, signal?: AbortSignal): Promise<string> {
  const all = createHash('sha256');
  for (const file of files) {
    const one = createHash('sha256');
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
        throwIfCancelled(signal);
        one.update(chunk as Uint8Array);
      }
    } catch (cause) {
      throw cause instanceof ReseedError ? cause : fileError(file, 'read', cause);
    }
    all.update(one.digest());
  }
  return all.digest('hex');
}

/**
 * All rows X [N×d] as float32 in shared memory; one file at a time is read beside them.
 * @throws as `loadActivations`; input.non-finite naming the file, row and column; internal.cancelled
 */
export async function loadShards({ files, rows, cols }: Shards, hooks: ShardHooks = {}): Promise<Matrix> {
  const x = zeros(
    rows.reduce((sum, n) => sum + n, 0),
    cols,
  );
  let at = 0;
  for (const [i, file] of files.entries()) {
    throwIfCancelled(hooks.signal);
    const shard = await loadActivations(file);
    const wrong = shard.data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new ReseedError('input.non-finite', 'activations must be finite numbers', {
        file,
        field: `row ${Math.floor(wrong / cols)}, column ${wrong % cols}`,
        found: String(shard.data[wrong]),
      });
    }
    x.data.set(shard.data, at * cols);
    at += shard.rows;
    hooks.onProgress?.((i + 1) / files.length);
  }
  return x;
}
