// The levels that nulls give to metrics: of which rows, to what precision, and by what they are kept.
import { afterAll, expect, test } from 'vitest';
import type { Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { randomDirectionsNull } from '../../../src/metrics/chance/best-match.js';
import { contextOf } from '../../../src/metrics/context.js';
import { crowdOf } from '../../../src/metrics/draws/crowd.js';
import { crowdScores } from '../../../src/metrics/draws/crowd-scores.js';
import { drawTo } from '../../../src/metrics/draws/draw-to.js';
import {
  model as covarianceMatched,
  covarianceMatchedNull,
} from '../../../src/metrics/nulls/covariance-matched.js';
import { model as dataCovariance } from '../../../src/metrics/nulls/data-covariance.js';
import type { NullContext } from '../../../src/metrics/nulls/model.js';
import { drawnNull } from '../../../src/metrics/nulls/null.js';
import { model as ownInit, ownInitNull } from '../../../src/metrics/nulls/own-init.js';
import { drawnLevel, model as randomDirections } from '../../../src/metrics/nulls/random-directions.js';
import {
  matchedRowPermutationNull,
  model as rowPermutation,
  rowPermutationNull,
} from '../../../src/metrics/nulls/row-permutation.js';
import { model as untrained, untrainedLevels, untrainedSae } from '../../../src/metrics/nulls/untrained.js';
import type { GroupScores } from '../../../src/metrics/pairs/pair-loop.js';
import { type MetricId, metricOf } from '../../../src/metrics/registry.js';
import type { Member } from '../../../src/sae/member.js';
import { fromDense, fromRows, type Matrix, Rng, zeros } from '../../../src/tensor/index.js';
import { member } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());
const draw = { kernel, seed: 1, draws: 3 };

function random(rows: number, d: number, ...stream: string[]): Matrix {
  const out = zeros(rows, d);
  new Rng(3, 'test', ...stream).fillNormal(out.data);
  return out;
}

/** A context that says by what is kept. */
function keeping(members: readonly Member[], more: Partial<NullContext> = {}) {
  const kept: (readonly (string | number)[])[] = [];
  const keep = <T>(key: readonly (string | number)[], compute: () => Promise<T>) => {
    kept.push(key);
    return compute();
  };
  const context: NullContext = {
    ...contextOf(members, kernel),
    draw,
    untrained: async () => undefined,
    scatter: undefined,
    ofGroup: keep,
    ofShape: keep,
    ...more,
  };
  return { context, kept };
}

const scored = (...widths: number[]): GroupScores => ({
  id: 'some',
  pairs: [{ a: 'a', b: 'b', value: 0.5, aToB: 0.5, bToA: 0.5 }],
  leftOut: 0,
  members: ['a', 'b'],
  widths,
});

/** Three features, of which the last may never fire. */
const coded = (id: string, last: number) =>
  member(
    id,
    random(3, 4, id),
    fromDense([
      [1, 0, last],
      [0, 1, 0],
    ]),
    random(3, 4, id, 'init'),
  );
const [all, some] = [['a', 'b'].map((id) => coded(id, 1)), ['a', 'b'].map((id) => coded(id, 0))];

test('random directions: kept by what the level is called, its version and the shape, in ascending order', async () => {
  const { context, kept } = keeping(all);
  const best = await randomDirections.level(metricOf('decoder.max.live'), scored(7, 5), context);
  expect(best).toEqual(await randomDirectionsNull([5, 7], 4, draw));
  const jaccard = metricOf('decoder.jaccard');
  const drawn = await randomDirections.level(jaccard, scored(14, 11), context);
  if (jaccard.compares.of !== 'directions') throw new Error('not of directions');
  expect(drawn).toEqual(await drawnLevel(jaccard.compares, [11, 14], 4, draw));
  expect(kept).toEqual([
    ['best-match', 1, 4, 5, 7],
    ['decoder.jaccard', 1, 4, 11, 14],
  ]);
  expect(await randomDirections.level(metricOf('activation.max'), scored(3, 3), context)).toBeUndefined();
});

test('the same covariance: kept for all features, and for live ones where some are dead', async () => {
  const level = async (id: 'decoder.max' | 'decoder.max.live', members: readonly Member[]) => {
    const { context, kept } = keeping(members);
    const found = await covarianceMatched.level(metricOf(id), scored(3, 3), context);
    expect(kept).toHaveLength(1);
    return { key: kept[0].join(), found };
  };
  const [ofAll, ofLive, ofSome] = [
    await level('decoder.max', some),
    await level('decoder.max.live', all),
    await level('decoder.max.live', some),
  ];
  expect(ofAll.key).toBe('covariance-matched,all,1');
  expect(ofLive.key).toBe('covariance-matched,all,1');
  expect(ofSome.key).toBe('covariance-matched,decoder.max.live,1');
  const sets = some.map(({ id, sae }) => ({ id, rows: sae.decoder }));
  const options = drawTo(scored(3, 3), draw);
  expect(ofAll.found).toEqual(await covarianceMatchedNull(sets, options));
  const live = sets.map((set) => ({ ...set, features: Int32Array.of(0, 1) }));
  expect(ofSome.found).toEqual(await covarianceMatchedNull(live, options));
  // One of them has dead features only.
  const mixed = await level('decoder.max.live', [all[0], some[1]]);
  expect(mixed.key).toBe(ofSome.key);
  const { context } = keeping(some.map(({ codes: _, ...bare }) => bare));
  expect(await covarianceMatched.level(metricOf('decoder.max.live'), scored(3, 3), context)).toBeUndefined();
  expect(await covarianceMatched.level(metricOf('activation.max'), scored(3, 3), context)).toBeUndefined();
});

test('the same covariance: refused below two draws, and nothing is computed once it is cancelled', async () => {
  const sets = all.map(({ id, sae }) => ({ id, rows: sae.decoder }));
  await expect(covarianceMatchedNull(sets.slice(1), { ...draw, draws: 1 })).rejects.toThrow(/draws/);
  const refusing: Kernel = {
    ...kernel,
    topSubspace: () => {
      throw new Error('computed');
    },
  };
  const cancelled = covarianceMatchedNull(sets, { ...draw, kernel: refusing, signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toThrow(/cancelled/);
});

test('the data’s covariance: as many directions as are scored, known to 2e-3; few dimensions are enough', async () => {
  // Eigenvalues 0, 0.1, 0.3 and 0.6 along the axes.
  const scatter = new Float64Array(16);
  for (const [k, value] of [0, 0.1, 0.3, 0.6].entries()) scatter[5 * k] = value;
  const more = { draw: { ...draw, draws: 40 }, scatter };
  const { context } = keeping(all, more);
  const found = (await dataCovariance.level(metricOf('decoder.max'), scored(60, 70), context))!;
  const spectrum = await kernel.symmetricEigen(scatter, 4);
  const crowds = [60, 70].map((features) => crowdOf(features, spectrum));
  const drawn = await crowdScores('data-covariance', crowds, { ...more.draw, precision: 2e-3 });
  expect(found).toEqual(drawnNull('data-covariance', drawn));
  expect(found.draws).toBeGreaterThan(2);
  expect(found.draws).toBeLessThan(40);
  expect(found.meanError).toBeLessThanOrEqual(2e-3);
});

test('own initialisation of two SAEs: half the sum of SD/√n of both ways round, by hand', async () => {
  // Of single features there is no spread; of two with cosines 1 and 0.6 it is 0.4/√2/√2 = 0.2 each way.
  const start = (id: string, rows: number[][]) =>
    member(id, fromRows(rows.map(() => [1, 1])), undefined, fromRows(rows));
  const one = await ownInitNull([start('a', [[1, 0]]), start('b', [[3, 4]])], kernel);
  expect(one).toMatchObject({ kind: 'own-init', sd: 0, draws: 0, exact: true });
  expect(one!.mean).toBeCloseTo(0.6, 6);
  const [a, b] = [
    start('a', [
      [1, 0],
      [0.8, -0.6],
    ]),
    start('b', [
      [2, 0],
      [2, 0],
    ]),
  ];
  // a: 1 and 0.8; b: 1 and 1.
  const two = (await ownInitNull([a, b], kernel))!;
  expect(two.mean).toBeCloseTo(0.5 * (0.9 + 1), 6);
  expect(two.sd).toBeCloseTo(0.5 * (0.2 / Math.sqrt(2) / Math.sqrt(2)), 6);
  const { init: _, ...unknown } = b;
  expect(await ownInitNull([a, b, unknown], kernel)).toBeUndefined();
  expect(await ownInitNull([a, start('c', [[0, 0]])], kernel)).toBeUndefined();
  // Over the features that fire after training, for the score of live ones.
  const { context } = keeping(some);
  const live = await ownInit.level(metricOf('decoder.max.live'), scored(2, 2), context);
  expect(live).toEqual(await ownInitNull(some, kernel, { live: true }));
  expect(live).not.toEqual(await ownInit.level(metricOf('decoder.max'), scored(3, 3), context));
});

test('permuted rows: of all and of live features from the same draws, one to one from others', async () => {
  const group = [2, 3].map((step) => {
    const rows = Array.from({ length: 12 }, (_, n) =>
      [0, 1, 2].map((i) => ((n * (i + step)) % 5 > 2 ? 1 + (n % 3) : 0)),
    );
    return member(String(step), random(4, 4, 'any'), fromDense(rows.map((codes) => [...codes, 0])));
  });
  const { context, kept } = keeping(group);
  const level = (id: MetricId) => rowPermutation.level(metricOf(id), scored(3, 3), context);
  const options = drawTo(scored(3, 3), draw);
  const both = (await rowPermutationNull(group, options))!;
  expect(await level('activation.max')).toEqual(both.all);
  expect(await level('activation.max.live')).toEqual(both.live);
  const matched = (await matchedRowPermutationNull(group, options))!;
  expect(await level('activation.matched.live')).toEqual(matched.live);
  expect(matched.live).not.toEqual(both.live);
  // For a score of weights nothing is drawn.
  const weights = keeping(group);
  expect(await rowPermutation.level(metricOf('decoder.max'), scored(3, 3), weights.context)).toBeUndefined();
  expect(weights.kept).toEqual([]);
  expect(kept).toEqual([
    ['row-permutation', 'best'],
    ['row-permutation', 'one-to-one'],
  ]);
});

test('untrained: the scores of the codes before training, where they are known', async () => {
  const table = (seed: number) =>
    fromDense(Array.from({ length: 6 }, (_, n) => [0, 1, 2].map((i) => (n * seed + i) % 4)));
  const codes = [5, 6, 7].map((seed) => ({ id: String(seed), codes: table(seed) }));
  const { context } = keeping(some, { untrained: async () => codes });
  const level = (id: MetricId, within = context) => untrained.level(metricOf(id), scored(3, 3), within);
  const expected = (await untrainedLevels(codes, { kernel, work: {} }))!;
  expect(await level('activation.max')).toEqual(expected.all);
  expect(await level('activation.max.live')).toEqual(expected.live);
  const never = keeping(some, { untrained: () => Promise.reject(new Error('asked')) });
  expect(await level('decoder.max', never.context)).toBeUndefined();
  expect(await level('activation.max', keeping(some).context)).toBeUndefined();
});

test('permuted rows: codes of other data are refused, whichever pairs would be drawn', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const group = names
    .map((id) => coded(id, 1))
    .concat(member('f', random(3, 4, 'f'), fromDense([[1, 1, 1]])));
  for (let seed = 0; seed < 5; seed++)
    await expect(rowPermutationNull(group, { kernel, seed, draws: 2 })).rejects.toThrow(
      /f: .*1 rows.*2 rows/,
    );
});

test('untrained: as sparse as the trained codes, at least one a row; of TopK as sparse as it is', () => {
  const { sae, init } = coded('a', 1);
  const kept = (kind: object, meanActive: number) =>
    untrainedSae({ ...sae, activation: kind as never }, init!, meanActive);
  expect(kept({ kind: 'relu' }, 2.4).activation).toEqual({ kind: 'topk', k: 2, relu: true });
  expect(kept({ kind: 'relu' }, 2.6).activation).toEqual({ kind: 'topk', k: 3, relu: true });
  expect(kept({ kind: 'relu' }, 0.2).activation).toEqual({ kind: 'topk', k: 1, relu: true });
  expect(kept({ kind: 'topk', k: 5, relu: false }, 2).activation).toEqual({
    kind: 'topk',
    k: 5,
    relu: false,
  });
  expect(kept({ kind: 'relu' }, 2).decoder).toBe(init!.decoder);
});
