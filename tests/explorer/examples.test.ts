// examples.parquet by its documented layout, and what is said of one that has another.
import { expect, it } from 'vitest';
import { openBytes } from '../../explorer/src/data/byte-source.js';
import { Examples } from '../../explorer/src/data/examples.js';
import { examplesFile } from '../browser/tokens.js';
import { smallTable } from './small-table.js';

const row = (sae: string, feature: number, context: number) => ({
  ...{ sae, feature, kind: 'top' as const, context },
  tokens: ['a', ' <b>', '\n'],
  activations: [0, 0.5, 0.25],
});

it('gives the texts of a feature, and none of others', async () => {
  const bytes = examplesFile([row('x', 1, 7), row('x', 1, 8), row('y', 1, 7)]);
  const examples = await Examples.open(openBytes({ data: bytes.slice().buffer }));
  expect(await examples.of('x', 1)).toEqual(
    [7, 8].map((context) => ({
      kind: 'top',
      context,
      tokens: ['a', ' <b>', '\n'],
      activations: [0, 0.5, 0.25],
      position: 1,
    })),
  );
  expect(await examples.of('y', 1)).toHaveLength(1);
  expect(await examples.of('y', 2)).toEqual([]);
});

it('names the columns that are missing', async () => {
  await expect(Examples.open(openBytes(await smallTable()))).rejects.toThrow(
    /columns are missing: kind, context, tokens, activations, position/,
  );
});
