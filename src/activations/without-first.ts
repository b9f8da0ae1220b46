// Activations without the first positions of each sequence, where their tokens say at which position each row stands.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Matrix, sharedFloat32 } from '../tensor/matrix.js';
import { type ActivationRows, openActivations } from './activation-rows.js';
import { eachChosenRow } from './chosen-rows.js';
import { readTokens, requireTokensOf, type Tokens, tokenFiles } from './tokens.js';

/**
 * Opens activations without the first positions of each sequence: by their tokens where there are any, given or in the folder
 * itself, as `reseed harvest` leaves them; else by the shape [batch × sequence × d].
 * @throws as `openActivations` and `readTokens`; input.shape where tokens and activations differ in rows
 */
export async function openWithoutFirst(
  path: string,
  dropFirst: number,
  tokens?: string,
): Promise<ActivationRows> {
  const file = dropFirst > 0 ? (tokens ?? (await tokensIn(path))) : undefined;
  if (file === undefined) return openActivations(path, { dropFirst });
  const read = await readTokens(file);
  const all = await openActivations(path);
  requireTokensOf(all.rows, read, { file, activations: path });
  return withoutFirst(all, read, dropFirst).x;
}

async function tokensIn(path: string): Promise<string | undefined> {
  // A tensor of the folder may be named behind it.
  const folder = (await stat(path).catch(() => undefined)) ? path : path.split('#')[0];
  for (const name of tokenFiles) {
    const file = join(folder, name);
    if (await stat(file).catch(() => undefined)) return file;
  }
  return undefined;
}

/** Rows and their tokens without the first so many positions of each sequence. @throws input.shape where they differ in rows */
export function withoutFirst(
  x: ActivationRows,
  tokens: Tokens,
  dropFirst: number,
): { readonly x: ActivationRows; readonly tokens: Tokens } {
  requireTokensOf(x.rows, tokens);
  if (dropFirst === 0) return { x, tokens };
  const kept = Int32Array.from(tokens.position.keys()).filter((n) => tokens.position[n] >= dropFirst);
  const of = (all: Int32Array) => Int32Array.from(kept, (n) => all[n]);
  const { document, position, token, texts } = tokens;
  return {
    x: keptRows(x, kept),
    tokens: { rows: kept.length, document: of(document), position: of(position), token: of(token), texts },
  };
}

/** @param kept ascending */
function keptRows(x: ActivationRows, kept: Int32Array): ActivationRows {
  return {
    rows: kept.length,
    cols: x.cols,
    ...(x.notes ? { notes: x.notes } : {}),
    async read(from, to, storage): Promise<Matrix> {
      // Out of range is for the rows themselves to refuse.
      if (from < 0 || to > kept.length) return x.read(x.rows, x.rows + 1);
      const length = (to - from) * x.cols;
      const data = storage?.length === length ? storage : sharedFloat32(length);
      let at = 0;
      await eachChosenRow(x, kept.subarray(from, to), (_, values) => {
        data.set(values, at);
        at += x.cols;
      });
      return { rows: to - from, cols: x.cols, data };
    },
    close: () => x.close(),
  };
}
