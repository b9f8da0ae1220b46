// Activations that somebody else has stored: a file, or a folder of shards. Nothing of them is copied.
import { dirname, resolve } from 'node:path';
import { findActivations } from '../../activations/activation-path.js';
import { type ActivationRows, openActivations } from '../../activations/activation-rows.js';
import { readTokens, requireTokensOf, type Tokens } from '../../activations/tokens.js';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { hashArrays } from '../../keep.js';
import { type Matrix, zeros } from '../../tensor/matrix.js';
import type { FileActivations } from '../config/activations.js';
import { hashOf } from '../hash-of.js';
import type { FileHash } from '../known-hashes.js';
import type { ActivationSource, LoadHooks, SourceSite } from './source.js';

export function fileSites({ layer, site }: FileActivations): SourceSite[] {
  const name = site ?? 'activations';
  return [
    {
      id: layer === undefined ? name : `layer${layer}.${name}`,
      ...(layer === undefined ? {} : { layer }),
      ...(site === undefined ? {} : { site }),
    },
  ];
}

/** @throws input.file, input.format, input.shape */
export async function openFileSource(
  { file, tokens: tokensFile }: FileActivations,
  studyFile: string,
  fileHash: FileHash,
): Promise<ActivationSource> {
  const path = resolve(dirname(studyFile), file);
  const { rows, cols } = await reading(path, async (all) => all);
  if (rows === 0 || cols === 0) {
    throw new ReseedError('input.shape', 'there are no activations', {
      file: path,
      found: `[${rows} × ${cols}]`,
      expected: 'at least one row',
    });
  }
  const tokens =
    tokensFile === undefined
      ? undefined
      : await tokensAt(resolve(dirname(studyFile), tokensFile), rows, path);
  const { files, tensor } = await findActivations(path);
  // The contents alone: the same activations under another name are the same.
  const key = hashOf([await Promise.all(files.map(fileHash)), tensor ?? null]);
  return {
    keyOf: () => key,
    shapeOf: () => ({ rows, cols }),
    isKept: async () => true,
    keptBytes: () => 0,
    ...(tokens ? { tokens, tokensKey: await keyOfTokens(tokens) } : {}),
    async load(_, __, hooks) {
      const x = await reading(path, (all) => readAll(path, all, hooks));
      return () => x;
    },
  };
}

async function tokensAt(file: string, rows: number, activations: string): Promise<Tokens> {
  const tokens = await readTokens(file);
  requireTokensOf(rows, tokens, { file, activations });
  return tokens;
}

function keyOfTokens({ document, position, token, texts }: Tokens): Promise<string> {
  return hashArrays([document, position, token, Buffer.from(JSON.stringify(texts))]);
}

async function reading<T>(path: string, use: (all: ActivationRows) => Promise<T>): Promise<T> {
  const all = await openActivations(path);
  try {
    return await use(all);
  } finally {
    await all.close();
  }
}

/** Values that are read between two looks at whether to stop. */
const pieceValues = 2 ** 22;

async function readAll(
  path: string,
  { rows, cols, read }: ActivationRows,
  { signal, onProgress }: LoadHooks,
): Promise<Matrix> {
  const x = zeros(rows, cols);
  const step = Math.max(1, Math.floor(pieceValues / cols));
  for (let from = 0; from < rows; from += step) {
    throwIfCancelled(signal);
    const to = Math.min(rows, from + step);
    await read(from, to, x.data.subarray(from * cols, to * cols));
    onProgress?.(to / rows);
  }
  const wrong = x.data.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return x;
  throw new ReseedError('input.non-finite', 'activations must be finite numbers', {
    file: path,
    field: `row ${Math.floor(wrong / cols)}, column ${wrong % cols}`,
    found: String(x.data[wrong]),
  });
}
