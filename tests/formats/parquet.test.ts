// Parquet files read back as they were written, whatever the row groups; equal rows give equal bytes.
import fc from 'fast-check';
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { encodeParquet, type ParquetColumn, type ParquetValue } from '../../src/formats/parquet.js';

const columns: ParquetColumn[] = [
  { name: 'name', type: 'string' },
  { name: 'at', type: 'int32' },
  { name: 'value', type: 'float64', optional: true },
  { name: 'yes', type: 'boolean' },
];
type Row = [string, number, number | null, boolean];

async function bytesOf(groups: readonly (readonly Row[])[], metadata?: Record<string, string>) {
  const pieces: Uint8Array[] = [];
  const rowGroups = groups.map((rows) => columns.map((_, c) => rows.map((row) => row[c] as ParquetValue)));
  for await (const piece of encodeParquet(columns, rowGroups, metadata)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function fileOf(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

async function rowsIn(bytes: Buffer): Promise<unknown[][]> {
  const objects = await parquetReadObjects({ file: fileOf(bytes) });
  return objects.map((o) => columns.map(({ name }) => o[name] ?? null));
}

const footer = (bytes: Buffer): FileMetaData => parquetMetadata(fileOf(bytes));

it('absent values, extremes and text come back', async () => {
  const rows: Row[] = [
    ['a', 0, null, true],
    ['ü 🦜', 2 ** 31 - 1, -0.1, false],
    ['', -1, 1e-300, true],
    ['a', 5, 0, false],
  ];
  const bytes = await bytesOf([rows]);
  expect(await rowsIn(bytes)).toEqual(rows);
  const { schema, num_rows } = footer(bytes);
  expect(num_rows).toBe(4n);
  expect(schema.slice(1).map((s) => [s.name, s.type, s.repetition_type])).toEqual([
    ['name', 'BYTE_ARRAY', 'REQUIRED'],
    ['at', 'INT32', 'REQUIRED'],
    ['value', 'DOUBLE', 'OPTIONAL'],
    ['yes', 'BOOLEAN', 'REQUIRED'],
  ]);
});

it('any rows in any groups come back in order', async () => {
  const row = fc.tuple(
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.option(fc.double({ noNaN: true })),
    fc.boolean(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: 40 }), { maxLength: 4 }), async (groups) => {
      const bytes = await bytesOf(groups);
      expect(await rowsIn(bytes)).toEqual(groups.flat());
      expect(footer(bytes).row_groups).toHaveLength(groups.filter((g) => g.length > 0).length);
    }),
    { numRuns: 40 },
  );
});

it('no rows at all still have columns, and metadata is kept', async () => {
  const bytes = await bytesOf([], { schema: 'test/1' });
  expect(await rowsIn(bytes)).toEqual([]);
  const { schema, key_value_metadata, created_by } = footer(bytes);
  expect(schema).toHaveLength(5);
  expect(key_value_metadata).toEqual([{ key: 'schema', value: 'test/1' }]);
  expect(created_by).toBe('reseed');
});

it('the same rows give the same bytes', async () => {
  const rows = Array.from(
    { length: 3000 },
    (_, i): Row => [`sae${i % 3}`, i, i % 7 ? i / 3 : null, i % 2 > 0],
  );
  const groups = [rows.slice(0, 2000), rows.slice(2000)];
  expect((await bytesOf(groups)).equals(await bytesOf(groups))).toBe(true);
  expect(await rowsIn(await bytesOf(groups))).toEqual(rows);
});
