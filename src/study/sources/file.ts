// Activations that somebody else has stored: a file, or a folder of shards. Nothing of them is copied.

import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { findActivations } from '../../activations/activation-path.js';
import { type ActivationRows, openActivations } from '../../activations/activation-rows.js';
import { readTokens, requireTokensOf, type Tokens } from '../../activations/tokens.js';
import { withoutFirst } from '../../activations/without-first.js';
import { defined } from '../../defined.js';
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
      ...defined({ layer, site }),
    },
  ];
}

/** @throws input.file, input.format, input.shape, usage.argument */
export async function openFileSource(
  { file, tokens: tokensFile, dropFirst = 0 }: FileActivations,
  studyFile: string,
  fileHash: FileHash,
): Promise<ActivationSource> {
  const path = resolve(dirname(studyFile), file);
  const all = await allTokens(path, tokensFile && resolve(dirname(studyFile), tokensFile));
  const { rows, cols, tokens } = await reading(path, all, dropFirst, async (found) => found);
  if (rows === 0 || cols === 0) {
    throw new ReseedError('input.shape', 'there are no activations', {
      file: path,
      found: `[${rows} × ${cols}]`,
      expected: 'at least one row',
    });
  }
  const { files, tensor } = await findActivations(path);
  // The contents alone: the same activations under another name are the same.
  const contents = [await Promise.all(files.map(fileHash)), tensor ?? null];
  const key = hashOf(dropFirst > 0 ? [...contents, dropFirst, positionsOf(all)] : contents);
  return {
    keyOf: () => key,
    shapeOf: () => ({ rows, cols }),
    isKept: async () => true,
    keptBytes: () => 0,
    ...(tokens ? { tokens, tokensKey: await keyOfTokens(tokens) } : {}),
    async load(_, __, hooks) {
      const x = await reading(path, all, dropFirst, (found) => readAll(path, found, hooks));
      return () => x;
    },
  };
}

/** The tokens of all rows, those that are left out among them. */
async function allTokens(path: string, file: string | undefined): Promise<Tokens | undefined> {
  if (file === undefined) return undefined;
  const tokens = await readTokens(file);
  const { rows } = await reading(path, undefined, 0, async (found) => found);
  requireTokensOf(rows, tokens, { file, activations: path });
  return tokens;
}

function keyOfTokens({ document, position, token, texts }: Tokens): Promise<string> {
  return hashArrays([document, position, token, Buffer.from(JSON.stringify(texts))]);
}

/** What decides which rows are left out, beside how many positions are. */
function positionsOf(tokens: Tokens | undefined): string | null {
  return tokens ? createHash('sha256').update(tokens.position).digest('hex') : null;
}

/** The rows that the study takes, with their tokens: where those are known, they say what first positions are. */
async function reading<T>(
  path: string,
  tokens: Tokens | undefined,
  dropFirst: number,
  use: (taken: ActivationRows & { readonly tokens?: Tokens }) => Promise<T>,
): Promise<T> {
  const all = await openActivations(path, tokens ? {} : { dropFirst });
  try {
    if (!tokens) return await use(all);
    const taken = withoutFirst(all, tokens, dropFirst);
    return await use({ ...taken.x, tokens: taken.tokens });
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
