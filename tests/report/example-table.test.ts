// examples.parquet as a reader of Parquet sees it: sorted, in row groups of 256 features of one SAE, with lists.
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import type { Tokens } from '../../src/activations/tokens.js';
import type { FeatureExamples } from '../../src/features/examples.js';
import { encodeExamples, exampleColumns } from '../../src/report/example-table.js';

const tokens: Tokens = {
  rows: 6,
  document: Int32Array.of(0, 0, 0, 4, 4, 4),
  position: Int32Array.of(1, 2, 3, 1, 2, 3),
  token: Int32Array.of(0, 1, 2, 0, 1, 3),
  texts: ['The', ' cat', '’s', ' …'],
};

const one = (feature: number): FeatureExamples => ({
  feature,
  examples: [
    { kind: 'top', rank: 0, row: 4, code: -1.5, codes: [0.25, -1.5, 0], from: 3 },
    { kind: 'random', rank: 1, row: 0, code: 0.5, codes: [0.5], from: 0 },
  ],
});

async function fileOf(saes: Parameters<typeof encodeExamples>[0]): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeExamples(saes)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces)).buffer;
}

const sae = (name: string, features: readonly number[]) => ({
  group: 'compare',
  sae: name,
  tokens,
  features: features.map(one),
});

it('has a row for each example', async () => {
  const rows = await parquetReadObjects({ file: await fileOf([sae('a', [7])]) });
  expect(rows).toEqual([
    {
      group: 'compare',
      sae: 'a',
      feature: 7,
      kind: 'top',
      rank: 0,
      row: 4,
      document: 4,
      position: 2,
      code: -1.5,
      context: ['The', ' cat', ' …'],
      codes: [0.25, -1.5, 0],
      at: 1,
    },
    expect.objectContaining({ kind: 'random', rank: 1, row: 0, context: ['The'], codes: [0.5], at: 0 }),
  ]);
  expect(Object.keys(rows[0])).toEqual(exampleColumns.map(({ name }) => name));
});

it('has one feature in one row group, which its statistics tell', async () => {
  const [first, second] = ['blocks.6.hook_resid_post.seed1', 'blocks.6.hook_resid_post.seed2'];
  const file = await fileOf([sae(first, [0, 255, 256, 1000]), sae(second, [3])]);
  const statistics = parquetMetadata(file).row_groups.map(({ columns }) =>
    [1, 2].map((c) => {
      const { min_value, max_value } = columns[c].meta_data!.statistics!;
      return [min_value, max_value];
    }),
  );
  expect(statistics).toEqual([
    [
      [first, first],
      [0, 255],
    ],
    [
      [first, first],
      [256, 256],
    ],
    [
      [first, first],
      [1000, 1000],
    ],
    [
      [second, second],
      [3, 3],
    ],
  ]);
  const found = await parquetReadObjects({ file, filter: { sae: { $eq: second }, feature: { $eq: 3 } } });
  expect(found).toHaveLength(2);
});

it('without any feature is a file without rows', async () => {
  expect(await parquetReadObjects({ file: await fileOf([sae('a', [])]) })).toEqual([]);
});
