// Tokens beside activations: both layouts, what is left out, and every way in which a file can be wrong.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openActivations } from '../../src/activations/activation-rows.js';
import { readTokens, requireTokensOf, tokenColumns } from '../../src/activations/tokens.js';
import { writeFileAtomic } from '../../src/formats/atomic-write.js';
import { encodeParquet, type ParquetColumn, type ParquetValue } from '../../src/formats/parquet.js';
import { fromRows } from '../../src/tensor/matrix.js';
import { writeActivations } from '../study/planted-saes.js';

const columns = { document: [0, 0, 0, 1], position: [0, 1, 2, 0], token: ['The', ' cat', ' cat', 'é'] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-tokens-'));
});

async function json(name: string, value: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

async function parquet(name: string, of: readonly ParquetColumn[], groups: ParquetValue[][][]) {
  const file = join(folder, name);
  await writeFileAtomic(file, encodeParquet(of, groups));
  return file;
}

const texts = ({ token, texts: all }: Awaited<ReturnType<typeof readTokens>>) =>
  Array.from(token, (t) => all[t]);
const message = (path: string) => readTokens(path).catch((error: Error) => error.message);

describe('tokens', () => {
  it('come from JSON and from Parquet alike, a text that stands twice held once', async () => {
    const two = [
      [
        [0, 0],
        [0, 1],
        ['The', ' cat'],
      ],
      [
        [0, 1],
        [2, 0],
        [' cat', 'é'],
      ],
    ];
    for (const file of [await json('a.json', columns), await parquet('a.parquet', tokenColumns, two)]) {
      const found = await readTokens(file);
      expect(found.rows).toBe(4);
      expect([...found.document]).toEqual(columns.document);
      expect([...found.position]).toEqual(columns.position);
      expect(texts(found)).toEqual(columns.token);
      expect(found.texts).toEqual(['The', ' cat', 'é']);
    }
  });

  it('may have columns of 64 bits, and others beside them', async () => {
    // What pandas writes: int64, and an index.
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const file = join(folder, 'wide.parquet');
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'token', data: columns.token },
        { name: 'position', data: columns.position.map(BigInt), type: 'INT64' },
        { name: 'loss', data: [0.5, 1, 2, 3] },
        { name: 'document', data: columns.document.map(BigInt), type: 'INT64' },
      ],
    });
    await writeFile(file, new Uint8Array(bytes));
    expect([...(await readTokens(file)).position]).toEqual(columns.position);
  });

  it('of the first positions are left out with their rows', async () => {
    const found = await readTokens(await json('drop.json', columns), { dropFirst: 1 });
    expect(texts(found)).toEqual([' cat', ' cat']);
    expect([...found.position]).toEqual([1, 2]);
  });

  it('are found in a folder of activations, which are read without them', async () => {
    const shards = join(folder, 'shards');
    await mkdir(shards);
    await writeActivations(join(shards, '0.safetensors'), fromRows([[1], [2], [3], [4]]));
    await json('shards/tokens.json', columns);
    expect((await readTokens(shards)).rows).toBe(4);
    await parquet('shards/tokens.parquet', tokenColumns, [[[0], [0], ['first']]]);
    expect(texts(await readTokens(shards))).toEqual(['first']);
    const rows = await openActivations(shards);
    expect(rows.rows).toBe(4);
    await rows.close();
  });

  it('must be as many as there are rows', async () => {
    const tokens = await readTokens(await json('few.json', columns));
    expect(() => requireTokensOf(4, tokens)).not.toThrow();
    expect(() => requireTokensOf(5, tokens, { file: 'few.json', activations: 'x.npy' })).toThrow(
      'few.json, tokens: tokens and activations differ in rows; found 4 rows; expected 5, one a row of x.npy',
    );
  });
});

describe('a file of tokens that is wrong', () => {
  it.each([
    ['no such file', undefined, /cannot read it: there is no such file/],
    ['not JSON', 'PAR2', /neither Parquet nor JSON; expected Parquet, or a JSON object of three lists/],
    ['empty', '', /neither Parquet nor JSON/],
    ['a list', [1], /document: it is not a list; found nothing/],
    ['null', 'null', /document: it is not a list; found nothing/],
    ['no token', { document: [0], position: [0] }, /token: it is not a list; found nothing/],
    ['a number', { ...columns, position: 5 }, /position: it is not a list; found 5/],
    ['shorter', { ...columns, token: ['a'] }, /token: its lists are not of one length; found 1; expected 4/],
    ['a float', { ...columns, document: [0, 0.5, 0, 1] }, /document, row 1: .*found 0.5; expected a whole/],
    ['negative', { ...columns, position: [0, 1, -2, 0] }, /position, row 2: .*found -2/],
    ['too large', { ...columns, document: [0, 0, 0, 2 ** 31] }, /document, row 3: .*found 2147483648/],
    [
      'null text',
      { ...columns, token: ['a', null, 'b', 'c'] },
      /token, row 1: .*found null; expected a text/,
    ],
    ['an id', { ...columns, token: [5, 6, 7, 8] }, /token, row 0: .*found 5; expected a text/],
  ])('%s', async (name, content, expected) => {
    const file = content === undefined ? join(folder, 'none') : await json(`wrong-${name}.json`, content);
    expect(await message(file)).toMatch(expected);
  });

  it('Parquet without a column, or cut off', async () => {
    const two = tokenColumns.slice(0, 2);
    const file = await parquet('two.parquet', two, [[[0], [0]]]);
    expect(await message(file)).toMatch(/column token: it is not in the file; found document, position/);
    const cut = await json('cut.parquet', 'PAR1 and no more');
    expect(await message(cut)).toMatch(/it cannot be read as Parquet/);
  });

  it('a folder without any', async () => {
    await mkdir(join(folder, 'none-in-it'));
    expect(await message(join(folder, 'none-in-it'))).toMatch(
      /there are no tokens in it; expected tokens.parquet or tokens.json/,
    );
  });
});
