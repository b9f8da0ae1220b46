// Counterfactuals one by one: which scores are computed again where an artefact matters, and that they are those of the group without it.
import { describe, expect, test } from 'vitest';
import { GroupContext, type GroupOfMembers, startMeasuring } from '../../src/evidence/context.js';
import { withoutFeatures } from '../../src/evidence/dense-features.js';
import type { Evidence, Recomputed } from '../../src/evidence/evidence.js';
import { withoutColumns } from '../../src/evidence/heavy-dimensions.js';
import { measureMetric } from '../../src/evidence/measure-metrics.js';
import { activationOtherIndex, decoderOtherIndex } from '../../src/evidence/other-index.js';
import type { PreparedGroup } from '../../src/evidence/prepare.js';
import { recompute } from '../../src/evidence/recompute.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import { directionMax } from '../../src/metrics/pairs/directions.js';
import { type MetricId, metricOf } from '../../src/metrics/registry.js';
import type { Member } from '../../src/sae/member.js';
import { ColumnMoments } from '../../src/stats/column-moments.js';
import { row, subtract } from '../../src/tensor/matrix.js';
import { takeCodeRows } from '../../src/tensor/sparse-codes.js';
import { atOnce } from './at-once.js';
import { normal } from './pass-cases.js';
import { planted } from './planted.js';

const [features, width, rows] = [12, 6, 80];
const group = planted({ features, width, rows, saes: 2, live: 10 });
/** Without their starts. */
const members: readonly Member[] = group.members.map(({ init: _, ...member }) => member);

const measuring = startMeasuring({ kernel: atOnce, seed: 5, draws: 2 });
const contextOf = (of: readonly Member[], more: Partial<GroupOfMembers> = {}) =>
  new GroupContext({ id: 'g', members: of, ...more }, measuring);

type Known = Parameters<typeof recompute>[2];
type Data = NonNullable<PreparedGroup['data']>;

/** What has been measured of a group that no artefact matters in. */
const quiet: Known = {
  id: 'g',
  members: members.map(({ id }) => ({
    id,
    features,
    width,
    usage: { live: 10, deadByFiring: 2, alwaysOn: 0, deadByNorm: 0 },
    numerics: { nan: 0, inf: 0, zeroFeatures: 0 },
  })),
  activations: { rows, distinctRows: rows, effectiveRank: 5 },
  metrics: {},
  splits: {},
};
const ofMembers = (more: Partial<Evidence['members'][number]>): Known => ({
  ...quiet,
  members: quiet.members.map((member) => ({ ...member, ...more })),
});
const ofActivations = (more: Partial<NonNullable<Evidence['activations']>>): Known => ({
  ...quiet,
  activations: { ...quiet.activations!, ...more },
});

const even = new ColumnMoments(new Float64Array(width));
even.add(normal(50, width, 'even'));
const plain: Data = {
  rows,
  distinctRows: rows,
  effectiveRank: 5,
  scatter: new Float64Array(width ** 2),
  different: Int32Array.from({ length: rows }, (_, n) => n),
  moments: even,
  codeRows: rows,
  stride: 1,
};

/** A headline, what is removed, and the metric of which group it is. */
type Expected = readonly [
  headline: Recomputed['headline'],
  removed: Recomputed['removed'],
  metric: MetricId,
  of: readonly Member[],
  more?: Partial<GroupOfMembers>,
];

async function expectRecomputed(
  found: readonly Recomputed[],
  ...expected: readonly Expected[]
): Promise<void> {
  expect(found.map(({ headline, removed }) => [headline, removed])).toEqual(
    expected.map(([headline, removed]) => [headline, removed]),
  );
  for (const [i, [, , metric, of, more]] of expected.entries())
    expect(found[i].measured).toEqual(await measureMetric(metricOf(metric), contextOf(of, more)));
}

const dead = 'usage.dead-by-firing';
const onRows = (kept: readonly number[]): Member[] =>
  members.map((member) => ({ ...member, codes: takeCodeRows(member.codes!, kept) }));
const numbers = (length: number) => Array.from({ length }, (_, n) => n);

test('nothing is computed again where nothing matters, or of a single SAE', async () => {
  expect(await recompute(contextOf(members), plain, quiet)).toEqual([]);
  expect(await recompute(contextOf(members), undefined, quiet)).toEqual([]);
  const matters = ofActivations({ distinctRows: 3 });
  expect(await recompute(contextOf(members.slice(1)), plain, matters)).toEqual([]);
  expect(await recompute(contextOf(members), plain, matters)).toHaveLength(2);
  // Nor is it begun.
  const said: string[] = [];
  const telling = startMeasuring({
    kernel: atOnce,
    seed: 5,
    draws: 2,
    onProgress: (part) => said.push(part),
  });
  const alone = new GroupContext({ id: 'g', members: members.slice(1) }, telling);
  expect(await recompute(alone, plain, matters)).toEqual([]);
  expect(said).toEqual([]);
  // What is known of rows by hand alone gives no rows to take out.
  const all = ofActivations({
    massiveShare: 0.5,
    heavyShare: 0.5,
    distinctRows: 3,
    places: { apart: { effectiveRank: 4 } as never },
  });
  expect(await recompute(contextOf(members), undefined, all)).toEqual([]);
  expect(
    await recompute(contextOf(members), plain, {
      ...all,
      activations: { ...all.activations!, distinctRows: rows },
    }),
  ).toEqual([]);
});

describe('rows that are left out', () => {
  const scatter = Float64Array.from({ length: width ** 2 }, (_, e) => (e % (width + 1) === 0 ? 1 + e : 0));
  /** A feature that fires fires on none of the other rows. */
  const counts = members.map(({ codes }) => {
    const firing = new Int32Array(features);
    for (const feature of codes!.indices) firing[feature]++;
    firing[codes!.indices[0]] = 0;
    return { counts: firing, rows: rows - 2 };
  });
  const massive = { rows: Int32Array.of(4, 10), times: 20, share: 0.5, effectiveRank: 4, scatter };
  const apart = { rows: Int32Array.of(0, 6), places: [], times: 3, share: 0.4, effectiveRank: 3, scatter };

  test('massive ones: codes of the others, by the firing there', async () => {
    const told = members.map((m, i) => ({ ...m, ordinary: { firing: counts[i] }, initCodes: m.codes! }));
    const data = { ...plain, massive, codeRows: rows / 2, stride: 2 };
    // Row n of the codes is row 2n: rows 2 and 5 of them go.
    const halves = told.map((m) => ({
      ...m,
      codes: takeCodeRows(m.codes!, numbers(40)),
      initCodes: takeCodeRows(m.codes!, numbers(40)),
    }));
    const kept = numbers(40).filter((n) => n !== 2 && n !== 5);
    const others = halves.map((m, i) => ({
      ...m,
      codes: takeCodeRows(m.codes, kept),
      initCodes: takeCodeRows(m.initCodes, kept),
      firing: counts[i],
    }));
    const found = await recompute(contextOf(halves), data, ofActivations({ massiveShare: 0.2 }));
    await expectRecomputed(
      found,
      ['activation.max', ['data.massive-rows'], 'activation.max', others, { scatter }],
      ['activation.max', [dead, 'data.massive-rows'], 'activation.max.live', others, { scatter }],
      ['decoder.max', [dead, 'data.massive-rows'], 'decoder.max.live', others, { scatter }],
    );
    expect(found[0].measured.otherNulls?.map(({ kind }) => kind) ?? []).toEqual(
      (await measureMetric(metricOf('activation.max'), contextOf(others)))!.otherNulls?.map(
        ({ kind }) => kind,
      ) ?? [],
    );
    expect(await recompute(contextOf(halves), data, ofActivations({ massiveShare: 0.19 }))).toEqual([]);
  });

  test('those of places, and massive ones with them', async () => {
    const told = members.map((m, i) => ({ ...m, elsewhere: { firing: counts[i] } }));
    for (const [known, out] of [
      [undefined, [0, 6]],
      [massive, [0, 4, 6, 10]],
    ] as const) {
      const kept = numbers(rows).filter((n) => !(out as readonly number[]).includes(n));
      const others = onRows(kept).map((m, i) => ({ ...m, firing: counts[i] }));
      const data = { ...plain, places: { apart }, ...(known ? { massive: known } : {}) };
      const { scatter: _, ...measured } = apart;
      const known2 = ofActivations({ places: { apart: { ...measured, rows: 2 } } });
      await expectRecomputed(
        await recompute(contextOf(told), data, known2),
        ['activation.max', ['data.position'], 'activation.max', others, { scatter }],
        ['activation.max', [dead, 'data.position'], 'activation.max.live', others, { scatter }],
        ['decoder.max', [dead, 'data.position'], 'decoder.max.live', others, { scatter }],
      );
    }
  });

  test('copies: one row of each kind', async () => {
    const different = Int32Array.from([0, 3, 5, 8, 13, 21, 34, 55]);
    const few = onRows([...different]);
    const known = ofActivations({ distinctRows: 8 });
    await expectRecomputed(
      await recompute(contextOf(members), { ...plain, different }, known),
      ['activation.max', ['data.distinct-rows'], 'activation.max', few],
      ['activation.max', [dead, 'data.distinct-rows'], 'activation.max.live', few],
    );
  });
});

describe('features that are left out', () => {
  const four = (artefact: Recomputed['removed'][number], of: readonly Member[]): Expected[] => [
    ['activation.max', [artefact], 'activation.max', of],
    ['activation.max', [dead, artefact], 'activation.max.live', of],
    ['decoder.max', [artefact], 'decoder.max', of],
    ['decoder.max', [dead, artefact], 'decoder.max.live', of],
  ];
  const left = (...out: readonly number[]) =>
    Uint8Array.from({ length: features }, (_, i) => (out.includes(i) ? 1 : 0));
  const often = members.map((member) => {
    const counts = new Int32Array(features).fill(20);
    counts.set([76, 40, 75]);
    return { ...member, firing: { counts, rows: 80 } };
  });

  test('those that fire on half of the rows, where they write a large mean', async () => {
    const known = ofMembers({ meanWritten: 0.4 });
    const large = { ...known, activations: { ...known.activations!, meanShare: 0.6 } };
    const others = often.map((member) => withoutFeatures(member, left(0, 1, 2)));
    await expectRecomputed(await recompute(contextOf(often), plain, large), ...four('data.mean', others));
  });

  test('those that are always on, where they are many', async () => {
    const known = ofMembers({ usage: { live: 10, deadByFiring: 2, alwaysOn: 2, deadByNorm: 0 } });
    const others = often.map((member) => withoutFeatures(member, left(0)));
    await expectRecomputed(
      await recompute(contextOf(often), plain, known),
      ...four('usage.always-on', others),
    );
  });

  test('of an SAE without codes none is; what needs codes is not computed', async () => {
    const known = ofMembers({ usage: { live: 10, deadByFiring: 2, alwaysOn: 2, deadByNorm: 0 } });
    const { codes: _, firing: __, ...bare } = often[1];
    const others = [withoutFeatures(often[0], left(0)), bare];
    await expectRecomputed(await recompute(contextOf([often[0], bare]), plain, known), [
      'decoder.max',
      ['usage.always-on'],
      'decoder.max',
      others,
    ]);
  });

  test('those that write what another one writes', async () => {
    const twice = members.map((member) => {
      const decoder = { ...member.sae.decoder, data: member.sae.decoder.data.slice() };
      row(decoder, 7).set(row(decoder, 2).map((value) => -3 * value));
      row(decoder, 9).set(row(decoder, 4));
      return { ...member, sae: { ...member.sae, decoder } };
    });
    const known = ofMembers({ repeatedFeatures: 6 });
    const others = twice.map((member) => withoutFeatures(member, left(7, 9)));
    await expectRecomputed(
      await recompute(contextOf(twice), plain, known),
      ...four('features.duplicated', others),
    );
  });
});

test('coordinates that are left out, where a few are heavy', async () => {
  const heavy = new ColumnMoments(new Float64Array(width));
  const x = normal(50, width, 'heavy');
  for (let n = 0; n < 50; n++) x.data[n * width + 3] *= 100;
  heavy.add(x);
  const others = members.map((member) => withoutColumns(member, Int32Array.of(3)));
  const scatter = Float64Array.from({ length: width ** 2 }, (_, e) => (e % (width + 1) === 0 ? 1 : 0));
  const known = ofActivations({ heavyShare: 0.2 });
  await expectRecomputed(
    await recompute(contextOf(members, { scatter }), { ...plain, moments: heavy }, known),
    ['decoder.max', ['data.heavy-dimensions'], 'decoder.max', others],
    ['decoder.max', [dead, 'data.heavy-dimensions'], 'decoder.max.live', others],
  );
  expect(await recompute(contextOf(members), plain, known)).toEqual([]);
});

describe('displacements of live rows', () => {
  const started = group.members;
  const sets = started.map(({ id, sae, init, codes }) => ({
    id,
    rows: subtract(sae.decoder, init!.decoder),
    features: Int32Array.from(new Set(codes!.indices)).sort(),
  }));

  test('are computed of all SAEs with a start and codes, beside random directions', async () => {
    const found = await recompute(contextOf(started), plain, quiet);
    expect(found.map(({ headline, removed }) => [headline, removed])).toEqual([
      ['decoder.max', [dead, 'training.init-drift']],
    ]);
    const { measured } = found[0];
    const scores = await directionMax('displacement.max', sets, atOnce);
    expect(measured.id).toBe('displacement.max');
    expect(measured.pairs).toEqual(scores!.pairs);
    expect(measured.null?.kind).toBe('random-directions');
    expect(measured.otherNulls).toBeUndefined();
  });

  test('and beside crowded ones, where live rows kept their start', async () => {
    const kept = ofMembers({ init: { cosineMedian: 0.2, cosineMedianLive: 0.8, unmoved: 0 } });
    const [{ measured }] = await recompute(contextOf(started), plain, kept);
    expect(measured.null?.kind).toBe('random-directions');
    expect(measured.otherNulls?.map(({ kind }) => kind)).toEqual(['covariance-matched']);
  });

  test('are not, where a start or codes are not known', async () => {
    const { init: _, ...without } = started[1];
    const { codes: __, ...bare } = started[1];
    for (const second of [without, bare])
      expect(await recompute(contextOf([started[0], second]), plain, quiet)).toEqual([]);
    const { init: ___, ...third } = members[0];
    expect(await recompute(contextOf([...started, third]), plain, quiet)).toEqual([]);
    // Nothing that moved has no direction.
    const unmoved = started.map((m) => ({ ...m, init: { ...m.init!, decoder: m.sae.decoder } }));
    expect(await recompute(contextOf(unmoved), plain, quiet)).toEqual([]);
  });
});

describe('partners of another index', () => {
  const level = (mean: number) => nullBand('random-directions', mean, 0.01, 0, true) as never;
  const metric = (id: MetricId, mean: number) =>
    ({ id, pairs: [], mean: 0.9, min: 0, max: 1, n: 1, leftOut: 0, null: level(mean) }) as never;
  const shares = { a: 's0', b: 's1', sameFeatures: 0, sameInit: true };
  const known: Known = {
    ...quiet,
    dependence: [{ ...shares, sameInit: false }, shares],
    metrics: { 'decoder.max': metric('decoder.max', 0.3), 'activation.max': metric('activation.max', 0.2) },
  };

  test('where two SAEs share their start, beside the level of all partners', async () => {
    const found = await recompute(contextOf(members), plain, known);
    expect(found.map(({ headline, removed }) => [headline, removed])).toEqual([
      ['decoder.max', ['seeds.same-init']],
      ['activation.max', ['seeds.same-init']],
    ]);
    const decoder = await decoderOtherIndex(members, atOnce);
    const codes = await activationOtherIndex(members, atOnce);
    expect(found.map(({ measured }) => measured.pairs)).toEqual([decoder!.pairs, codes!.pairs]);
    expect(found.map(({ measured }) => measured.null?.mean)).toEqual([0.3, 0.2]);
  });

  test('not where none does, where there are no codes, or no level is known', async () => {
    expect(await recompute(contextOf(members), plain, { ...known, dependence: [] })).toEqual([]);
    const { codes: _, ...bare } = members[1];
    const without = await recompute(contextOf([members[0], bare]), plain, known);
    expect(without.map(({ headline }) => headline)).toEqual(['decoder.max']);
    const unknown = { ...known, metrics: { 'activation.max': metric('activation.max', 0.2) } };
    const found = await recompute(contextOf(members), plain, unknown);
    expect(found.map(({ headline }) => headline)).toEqual(['activation.max']);
  });
});

test('several artefacts in a fixed order', async () => {
  const known = ofActivations({ massiveShare: 0.3, distinctRows: 8 });
  const massive = { rows: Int32Array.of(4), times: 20, share: 0.5, effectiveRank: 4, scatter: plain.scatter };
  const found = await recompute(
    contextOf(members),
    { ...plain, massive, different: Int32Array.of(0, 1, 2) },
    known,
  );
  expect(found.map(({ removed }) => removed.at(-1))).toEqual([
    ...new Array(3).fill('data.massive-rows'),
    ...new Array(2).fill('data.distinct-rows'),
  ]);
});
