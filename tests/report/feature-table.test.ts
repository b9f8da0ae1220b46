// features.parquet: every value of the tables of features comes back, whatever is absent.
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import type { FeatureStability } from '../../src/features/feature-stability.js';
import {
  encodeFeatures,
  featureColumns,
  type GroupFeatures,
  stabilityResults,
} from '../../src/report/feature-table.js';

/** Two SAEs of four and three features; the second feature of a has no direction. */
const byHand: FeatureStability = {
  summaries: [
    {
      sae: 'a',
      features: 4,
      norm: Float64Array.of(1, 0, 2, 0.5),
      firingRate: Float64Array.of(0.25, 0, 0, 1),
      initCosine: Float64Array.of(-0.5, 0, 0.99, 1),
      stability: Float64Array.of(1, 0, 0, 1),
      stabilitySphere: Float64Array.of(1, 0, 1, 1),
      stability07: Float64Array.of(1, 0, 0, 0),
      stability09: Float64Array.of(0, 0, 0, 0),
    },
    {
      sae: 'b',
      features: 3,
      norm: Float64Array.of(1, 1, 1),
      stability: Float64Array.of(1, 1, 0),
      stabilitySphere: Float64Array.of(1, 1, 1),
      stability07: Float64Array.of(1, 0, 0),
      stability09: Float64Array.of(0, 0, 0),
    },
  ],
  matches: [
    {
      sae: 'a',
      other: 'b',
      features: Int32Array.of(0, 2, 3),
      partner: Int32Array.of(1, 1, 0),
      cosine: Float64Array.of(0.8, -0.1, 0.6),
      margin: Float64Array.of(0.3, 0.01, 0.05),
      mutual: Uint8Array.of(1, 0, 1),
      assigned: Int32Array.of(1, -1, 0),
      assignedCosine: Float64Array.of(0.8, 0, 0.6),
      pValue: Float64Array.of(1e-300, 0.9, 0.01),
      qValue: Float64Array.of(3e-300, 0.9, 0.015),
      pValueSphere: Float64Array.of(0, 0.7, 0.001),
      qValueSphere: Float64Array.of(0, 0.7, 0.0015),
    },
    {
      sae: 'b',
      other: 'a',
      features: Int32Array.of(0, 1, 2),
      partner: Int32Array.of(3, 0, 2),
      cosine: Float64Array.of(0.6, 0.8, 0.2),
      margin: Float64Array.of(0.2, 0.3, 0.1),
      mutual: Uint8Array.of(1, 1, 0),
      assigned: Int32Array.of(3, 0, 2),
      assignedCosine: Float64Array.of(0.6, 0.8, -0.05),
      pValue: Float64Array.of(0.01, 0, 0.5),
      qValue: Float64Array.of(0.015, 0, 0.5),
      pValueSphere: Float64Array.of(0.001, 0, 0.01),
      qValueSphere: Float64Array.of(0.0015, 0, 0.01),
    },
  ],
};

async function fileOf(groups: Iterable<GroupFeatures> | AsyncIterable<GroupFeatures>): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeFeatures(groups)) pieces.push(piece);
  const all = Buffer.concat(pieces);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.length) as ArrayBuffer;
}

it('has the columns that are documented, in order', async () => {
  const { schema, key_value_metadata } = parquetMetadata(await fileOf([]));
  expect(schema.slice(1).map(({ name }) => name)).toEqual(
    (
      'group sae feature norm firing_rate init_cosine stability stability_sphere stability_07 stability_09 ' +
      'family other partner cosine margin mutual assigned assigned_cosine p_value q_value p_value_sphere q_value_sphere'
    ).split(' '),
  );
  expect(key_value_metadata).toEqual([{ key: 'schema', value: 'reseed/features/2' }]);
  for (const { meaning } of featureColumns) expect(meaning.length).toBeGreaterThan(10);
});

it('one row for each feature and each other SAE, with every value as it was', async () => {
  const rows = await parquetReadObjects({ file: await fileOf([{ group: 'g', stability: byHand }]) });
  expect(rows).toHaveLength(6);
  expect(rows[0]).toEqual({
    group: 'g',
    sae: 'a',
    feature: 0,
    norm: 1,
    firing_rate: 0.25,
    init_cosine: -0.5,
    stability: 1,
    stability_sphere: 1,
    stability_07: 1,
    stability_09: 0,
    family: null,
    other: 'b',
    partner: 1,
    cosine: 0.8,
    margin: 0.3,
    mutual: true,
    assigned: 1,
    assigned_cosine: 0.8,
    p_value: 1e-300,
    q_value: 3e-300,
    p_value_sphere: 0,
    q_value_sphere: 0,
  });
  // The feature without a direction is left out; what is unknown is absent, not 0 and not NaN.
  expect(rows.slice(0, 3).map((r) => r['feature'])).toEqual([0, 2, 3]);
  expect(rows[1]).toMatchObject({
    norm: 2,
    init_cosine: 0.99,
    mutual: false,
    assigned: null,
    assigned_cosine: null,
  });
  expect(rows[5]).toMatchObject({ sae: 'b', feature: 2, firing_rate: null, init_cosine: null, assigned: 2 });
});

it('the family of a feature, where it has one', async () => {
  const member = (sae: number, feature: number) => ({ sae, feature, sign: 1 as const, agreement: 0.8 });
  const families = {
    by: 'directions' as const,
    cosine: 0.7,
    saes: ['b', 'a'],
    scored: [3, 3],
    families: [
      { members: [member(0, 1), member(1, 2)], agreement: 0.8, leastCosine: 0.8, chance: 0.01, q: 0.02 },
    ],
    optimum: { value: 0.1, upperBound: 0.1, components: 1, proven: 1 },
    copies: [],
    dropped: 0,
  };
  const rows = await parquetReadObjects({
    file: await fileOf([{ group: 'g', stability: byHand, families }]),
  });
  expect(rows.map((r) => [r['sae'], r['feature'], r['family']])).toEqual([
    ['a', 0, null],
    ['a', 2, 0],
    ['a', 3, null],
    ['b', 0, null],
    ['b', 1, 0],
    ['b', 2, null],
  ]);
});

it('groups come one after the other, and long tables in several row groups', async () => {
  const n = 40_000;
  const long: FeatureStability = {
    summaries: byHand.summaries.map(({ sae }) => ({
      sae,
      features: n,
      norm: new Float64Array(n).fill(1),
      stability: new Float64Array(n),
      stabilitySphere: new Float64Array(n),
      stability07: new Float64Array(n),
      stability09: new Float64Array(n),
    })),
    matches: byHand.matches.map(({ sae, other }) => ({
      sae,
      other,
      features: Int32Array.from({ length: n }, (_, i) => i),
      partner: Int32Array.from({ length: n }, (_, i) => n - 1 - i),
      cosine: Float64Array.from({ length: n }, (_, i) => Math.sin(i)),
      margin: new Float64Array(n),
      mutual: new Uint8Array(n),
      assigned: new Int32Array(n).fill(-1),
      assignedCosine: new Float64Array(n),
      pValue: new Float64Array(n).fill(0.5),
      qValue: new Float64Array(n).fill(1),
      pValueSphere: new Float64Array(n).fill(0.25),
      qValueSphere: new Float64Array(n).fill(1),
    })),
  };
  async function* groups(): AsyncGenerator<GroupFeatures> {
    yield { group: 'short', stability: byHand };
    yield { group: 'long', stability: long };
  }
  const file = await fileOf(groups());
  const { row_groups, num_rows } = parquetMetadata(file);
  expect(num_rows).toBe(BigInt(2 * n + 6));
  expect(row_groups.map((g) => Number(g.num_rows))).toEqual([65_536, 2 * n + 6 - 65_536]);
  const rows = await parquetReadObjects({ file, columns: ['group', 'feature', 'partner', 'cosine'] });
  expect(rows[5]).toMatchObject({ group: 'short' });
  rows.slice(6).forEach((row, i) => {
    const feature = i % n;
    if (
      row['feature'] !== feature ||
      row['partner'] !== n - 1 - feature ||
      row['cosine'] !== Math.sin(feature)
    )
      throw new Error(`row ${i}: ${JSON.stringify(row)}`);
  });
});

it('counts what comes back among the features that have a direction', () => {
  expect(stabilityResults(byHand)).toEqual([
    { sae: 'a', scored: 3, inEvery: 2, inNone: 1, inEverySphere: 3, inEvery07: 1, inEvery09: 0 },
    { sae: 'b', scored: 3, inEvery: 2, inNone: 1, inEverySphere: 3, inEvery07: 1, inEvery09: 0 },
  ]);
});
