// The tokens that rows of activations were taken at: which document, where in it, and the text of the token. One row of
// tokens is one row of activations. docs/activations.md has the layout.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { withSource } from '../formats/file-source.js';
import type { ParquetColumn } from '../formats/parquet.js';
import { type ParquetRows, readParquet } from '../formats/read-parquet.js';

/** All arrays [rows]. */
export interface Tokens {
  readonly rows: number;
  /** Number of the text that the token comes from. */
  readonly document: Int32Array;
  /** Place of the token in the sequence that the model read, from 0. */
  readonly position: Int32Array;
  /** Which of `texts` the token is. */
  readonly token: Int32Array;
  /** Each text once. */
  readonly texts: readonly string[];
}

/** Of a file of tokens, in the order of the file. */
export const tokenColumns = [
  { name: 'document', type: 'int32' },
  { name: 'position', type: 'int32' },
  { name: 'token', type: 'string' },
] as const satisfies readonly ParquetColumn[];

const names = tokenColumns.map(({ name }) => name);

/** Names that a folder may have its tokens under. */
export const tokenFiles = ['tokens.parquet', 'tokens.json'] as const;

export interface TokenOptions {
  /** Leaves out tokens at the first so many positions, as `openActivations` leaves out their rows. */
  readonly dropFirst?: number;
}

/**
 * @param path a Parquet file with the columns document, position and token; a JSON object of lists of these names; or a
 * folder with a tokens.parquet or tokens.json
 * @throws input.file; input.format, input.shape naming file, column, row, what was found and what was expected
 */
export async function readTokens(path: string, { dropFirst = 0 }: TokenOptions = {}): Promise<Tokens> {
  const file = await tokenFileAt(path);
  const collected = new Collected(file, dropFirst);
  if (await isParquet(file)) {
    for await (const { columns } of readParquet(file, names)) collected.add(columns);
  } else collected.add(await columnsOfJson(file));
  return collected.tokens();
}

/** @throws input.shape where there are not as many tokens as rows of activations */
export function requireTokensOf(
  rows: number,
  tokens: Pick<Tokens, 'rows'>,
  { file, activations }: { readonly file?: string; readonly activations?: string } = {},
): void {
  if (tokens.rows === rows) return;
  throw new ReseedError('input.shape', 'tokens and activations differ in rows', {
    ...defined({ file }),
    field: 'tokens',
    found: `${tokens.rows} rows`,
    expected: `${rows}, one a row of ${activations ?? 'the activations'}`,
  });
}

async function tokenFileAt(path: string): Promise<string> {
  const found = await stat(path).catch((cause) => {
    throw fileError(path, 'read', cause);
  });
  if (!found.isDirectory()) return path;
  for (const name of tokenFiles) {
    const file = join(path, name);
    if (await stat(file).catch(() => undefined)) return file;
  }
  throw new ReseedError('input.file', 'there are no tokens in it', {
    file: path,
    expected: tokenFiles.join(' or '),
  });
}

async function isParquet(file: string): Promise<boolean> {
  return withSource(file, async (source) => {
    const begin = await source.read(Buffer.alloc(Math.min(4, source.size)), 0);
    return begin.toString('latin1') === 'PAR1';
  });
}

async function columnsOfJson(file: string): Promise<ParquetRows['columns']> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw fileError(file, 'read', cause);
  });
  const expected = `Parquet, or a JSON object of three lists: ${names.join(', ')}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ReseedError('input.format', 'it is neither Parquet nor JSON', { file, expected, cause });
  }
  return names.map((name) => {
    const list = (value as Record<string, unknown> | null)?.[name];
    if (Array.isArray(list)) return list as unknown[];
    const found = list === undefined ? 'nothing' : JSON.stringify(list).slice(0, 40);
    throw new ReseedError('input.format', 'it is not a list', { file, field: name, found, expected });
  });
}

/** Rows that come piece by piece, checked; a text that stands often is held once. */
class Collected {
  readonly #document: number[][] = [];
  readonly #position: number[][] = [];
  readonly #token: number[][] = [];
  readonly #known = new Map<string, number>();
  #rows = 0;

  constructor(
    private readonly file: string,
    private readonly dropFirst: number,
  ) {}

  add([document, position, token]: ParquetRows['columns']): void {
    this.#requireEqual(document, position, 'position');
    this.#requireEqual(document, token, 'token');
    const [documents, positions, tokens]: number[][] = [[], [], []];
    for (let n = 0; n < document.length; n++) {
      const [d, p] = [
        this.#whole(document[n], 'document', this.#rows + n),
        this.#whole(position[n], 'position', this.#rows + n),
      ];
      if (typeof token[n] !== 'string') this.#refuse('token', this.#rows + n, token[n], 'a text');
      if (p < this.dropFirst) continue;
      documents.push(d);
      positions.push(p);
      tokens.push(this.#numberOf(token[n] as string));
    }
    this.#rows += document.length;
    this.#document.push(documents);
    this.#position.push(positions);
    this.#token.push(tokens);
  }

  tokens(): Tokens {
    const document = joined(this.#document);
    return {
      rows: document.length,
      document,
      position: joined(this.#position),
      token: joined(this.#token),
      texts: [...this.#known.keys()],
    };
  }

  #numberOf(text: string): number {
    const number = this.#known.get(text) ?? this.#known.size;
    this.#known.set(text, number);
    return number;
  }

  #whole(value: unknown, column: string, row: number): number {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < 2 ** 31)
      return number;
    return this.#refuse(column, row, value, 'a whole number from 0 to 2³¹ − 1');
  }

  #requireEqual(first: ArrayLike<unknown>, other: ArrayLike<unknown>, field: string): void {
    if (first.length === other.length) return;
    throw new ReseedError('input.shape', 'its lists are not of one length', {
      file: this.file,
      field,
      found: `${other.length}`,
      expected: `${first.length}, as in document`,
    });
  }

  #refuse(column: string, row: number, value: unknown, expected: string): never {
    throw new ReseedError('input.format', 'it is not what the column holds', {
      file: this.file,
      field: `${column}, row ${row}`,
      found: typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value),
      expected,
    });
  }
}

function joined(parts: readonly number[][]): Int32Array {
  const out = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
