// examples.parquet by its documented layout, and what is said of one that has another.
import { expect, it } from 'vitest';
import { openBytes } from '../../explorer/src/data/byte-source.js';
import { Examples } from '../../explorer/src/data/examples.js';
import { encodeExamples } from '../../src/report/example-table.js';
import { examplesFile } from '../browser/tokens.js';
import { smallTable } from './small-table.js';

const example = (sae: string, feature: number, row: number) => ({
  ...{ sae, feature, kind: 'top' as const, row },
  tokens: ['a', ' <b>', '\n'],
  codes: [0, 0.5, 0.25],
});

it('gives the texts of a feature, and none of others', async () => {
  const bytes = examplesFile([example('x', 1, 7), example('x', 1, 8), example('y', 1, 7)]);
  const examples = await Examples.open(openBytes({ data: bytes.slice().buffer }));
  expect(await examples.of('x', 1)).toEqual(
    [7, 8].map((row) => ({ kind: 'top', row, tokens: ['a', ' <b>', '\n'], codes: [0, 0.5, 0.25], at: 1 })),
  );
  expect(await examples.of('y', 1)).toHaveLength(1);
  expect(await examples.of('y', 2)).toEqual([]);
});

it('names the columns that are missing', async () => {
  await expect(Examples.open(openBytes(await smallTable()))).rejects.toThrow(
    /columns are missing: kind, row, context, codes, at/,
  );
});

it('reads what compare and run write', async () => {
  const tokens = {
    rows: 3,
    document: Int32Array.of(0, 0, 0),
    position: Int32Array.of(1, 2, 3),
    token: Int32Array.of(0, 1, 2),
    texts: ['the', ' cat', ' sat'],
  };
  const features = [
    {
      feature: 3,
      examples: [{ kind: 'top' as const, rank: 0, row: 1, code: 2, from: 0, codes: [0, 2, 0.5] }],
    },
  ];
  const parts: Uint8Array[] = [];
  for await (const part of encodeExamples([{ group: 'g', sae: 'x', tokens, features }])) parts.push(part);
  const data = await new Blob(parts as BlobPart[]).arrayBuffer();
  const examples = await Examples.open(openBytes({ data }));
  expect(await examples.of('x', 3)).toEqual([
    { kind: 'top', row: 1, tokens: ['the', ' cat', ' sat'], codes: [0, 2, 0.5], at: 1 },
  ]);
});
