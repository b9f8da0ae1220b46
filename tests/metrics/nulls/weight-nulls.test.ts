// Nulls of weights other than the best match: by hand, in cases that are known, and against the metric on unrelated SAEs.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { subspaceOverlap } from '../../../src/kernel/spectrum.js';
import { drawMax, randomDirectionsNull, sdByFormula } from '../../../src/metrics/chance/best-match.js';
import { matchedDirectionsNulls } from '../../../src/metrics/chance/one-to-one.js';
import { drawShared, sharedDirectionsNulls } from '../../../src/metrics/chance/shared.js';
import { decoderMax } from '../../../src/metrics/decoder-max.js';
import { type Crowd, crowdOf, drawOnAxes, inSpace } from '../../../src/metrics/draws/crowd.js';
import { crowdScores } from '../../../src/metrics/draws/crowd-scores.js';
import { covarianceMatchedNull } from '../../../src/metrics/nulls/covariance-matched.js';
import { drawnFrom } from '../../../src/metrics/nulls/null.js';
import { randomSubspacesNull } from '../../../src/metrics/nulls/random-subspaces.js';
import { directionMax } from '../../../src/metrics/pairs/directions.js';
import { expectedMax } from '../../../src/stats/best-cosine.js';
import { sampleSd } from '../../../src/stats/summary.js';
import { fromRows, type Matrix, Rng, transpose, zeros } from '../../../src/tensor/index.js';
import { fixtureMembers } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());
const options = { kernel, seed: 1, draws: 20 };

function random(rows: number, cols: number, ...stream: (string | number)[]): Matrix {
  const out = zeros(rows, cols);
  new Rng(3, 'test', ...stream).fillNormal(out.data);
  return out;
}

function identity(d: number): Matrix {
  const out = zeros(d, d);
  for (let i = 0; i < d; i++) out.data[i * d + i] = 1;
  return out;
}

test('one-to-one: one feature each is a single cosine, whose mean and spread are known', async () => {
  const { signed, abs } = await matchedDirectionsNulls([1, 1], 3, { ...options, draws: 2000 });
  expect(Math.abs(signed.mean)).toBeLessThan(4 * signed.meanError!);
  expect(signed.sd).toBeCloseTo(Math.sqrt(1 / 3), 1);
  // |cosine| is uniform in three dimensions.
  expect(Math.abs(abs.mean - 0.5)).toBeLessThan(4 * abs.meanError!);
  expect(abs.sd).toBeCloseTo(Math.sqrt(1 / 12), 1);
  expect(signed).toMatchObject({ kind: 'random-directions', draws: 2000, exact: false });
});

test('one-to-one: signed below absolute below the best match, and repeatable', async () => {
  const nulls = await matchedDirectionsNulls([30, 30, 40], 12, options);
  expect(nulls.signed.mean).toBeLessThan(nulls.abs.mean);
  expect(nulls.abs.mean).toBeLessThan(expectedMax(12, 30));
  expect(nulls.signed.mean).toBeGreaterThan(0.2);
  expect(await matchedDirectionsNulls([30, 30, 40], 12, options)).toEqual(nulls);
  const other = await matchedDirectionsNulls([30, 30, 40], 12, { ...options, seed: 2 });
  expect(other.signed.mean).not.toBe(nulls.signed.mean);
  expect(Math.abs(other.signed.mean - nulls.signed.mean)).toBeLessThan(6 * nulls.signed.meanError!);
});

test('the SD of a best match by formula is that of drawn groups', async () => {
  const drawn = await drawMax([40, 40, 60], 24, { ...options, draws: 150 });
  // 150 draws know an SD to about 6 %.
  expect(sdByFormula([40, 40, 60], 24) / drawn.sd).toBeGreaterThan(0.8);
  expect(sdByFormula([40, 40, 60], 24) / drawn.sd).toBeLessThan(1.25);
});

test('the null of a best match between large SAEs is not drawn', async () => {
  const refusing = {
    ...kernel,
    bestMatches: () => {
      throw new Error('drawn');
    },
  };
  const large = await randomDirectionsNull([65_536, 65_536, 65_536], 2304, { ...options, kernel: refusing });
  expect(large).toMatchObject({ exact: true, draws: 0, mean: expectedMax(2304, 65_536) });
  expect(large).not.toHaveProperty('meanError');
  expect(large.sd).toBeCloseTo(sdByFormula([65_536, 65_536], 2304) / Math.sqrt(3), 12);
});

test('subspaces: mean and SD by formula are those of drawn subspaces', async () => {
  const [rank, d] = [3, 7];
  const overlaps: number[] = [];
  for (let draw = 0; draw < 400; draw++) {
    const [a, b] = [
      await kernel.topSubspace(random(rank, d, 'a', draw), rank),
      await kernel.topSubspace(random(11, d, 'b', draw), rank),
    ];
    overlaps.push(subspaceOverlap(a, b));
  }
  const drawn = drawnFrom(overlaps);
  const level = randomSubspacesNull(rank, d, 2);
  expect(Math.abs(drawn.mean - level.mean)).toBeLessThan(4 * drawn.meanError);
  expect(drawn.sd / level.sd).toBeGreaterThan(0.87);
  expect(drawn.sd / level.sd).toBeLessThan(1.15);
});

test('subspaces by hand', () => {
  // R = 1: cos² ~ Beta(½, (d − 1)/2), of variance 2(d − 1)/(d²(d + 2)); in three dimensions 4/45.
  expect(randomSubspacesNull(1, 3, 2)).toMatchObject({
    kind: 'random-subspaces',
    mean: 1 / 3,
    draws: 0,
    exact: true,
  });
  expect(randomSubspacesNull(1, 3, 2).sd).toBeCloseTo(Math.sqrt(4 / 45), 14);
  expect(randomSubspacesNull(1, 3, 5).sd).toBeCloseTo(Math.sqrt(4 / 450), 14);
  expect(randomSubspacesNull(6, 6, 3)).toMatchObject({ mean: 1, sd: 0 });
  expect(randomSubspacesNull(1, 1, 2)).toMatchObject({ mean: 1, sd: 0 });
  for (const [rank, d] of [
    [7, 6],
    [0, 6],
    [1.5, 6],
    [2, 6.5],
  ]) {
    const refused = expect.objectContaining({
      code: 'usage.argument',
      message: `rank: no chance level of such a subspace; found ${rank} of ${d} dimensions; expected 1 … ${d}`,
    });
    expect(() => randomSubspacesNull(rank, d, 3)).toThrow(refused);
  }
  expect(() => randomSubspacesNull(2, 6, 1)).toThrow(/two members/);
});

test('shared, lenient: by hand and as drawn', async () => {
  // Of two assignments of 2 to 2 either none or both agree: K is 0 or 2, a pair scores 0 or 1.
  const two = (await sharedDirectionsNulls([2, 2], 40, options)).lenient;
  expect(two).toMatchObject({ mean: 0.5, exact: true, draws: 0 });
  expect(two.sd).toBeCloseTo(0.5, 14);
  expect((await sharedDirectionsNulls([1, 1], 40, options)).lenient).toMatchObject({ mean: 1, sd: 0 });
  const widths = [4, 6, 6];
  const { lenient } = await sharedDirectionsNulls(widths, 5, options);
  const drawn = (await drawShared(widths, 5, { ...options, draws: 400 })).lenient;
  expect(Math.abs(drawn.mean - lenient.mean)).toBeLessThan(4 * drawn.meanError);
  expect(drawn.sd / lenient.sd).toBeGreaterThan(0.87);
  expect(drawn.sd / lenient.sd).toBeLessThan(1.15);
});

test('shared, strict: 0 without drawing where it cannot happen, else drawn', async () => {
  const refusing = {
    ...kernel,
    assign: () => {
      throw new Error('drawn');
    },
  };
  const wide = await sharedDirectionsNulls([1024, 1024], 128, { ...options, kernel: refusing });
  expect(wide.strict).toMatchObject({ mean: 0, sd: 0, exact: true, draws: 0 });
  // In one dimension every cosine is ±1: a half of the encoders and a half of the decoders agree in sign.
  const { strict } = await sharedDirectionsNulls([1, 1], 1, { ...options, draws: 400 });
  expect(Math.abs(strict.mean - 0.25)).toBeLessThan(4 * strict.meanError!);
  expect(strict.exact).toBe(false);
});

test('covariance-matched: of isotropic rows it is the null of random directions', async () => {
  const sets = ['a', 'b', 'c'].map((id) => ({ id, rows: random(300, 6, id) }));
  const level = (await covarianceMatchedNull(sets, { ...options, draws: 10 }))!;
  expect(level.mean).toBeCloseTo(expectedMax(6, 300), 2);
  expect(level).toMatchObject({ kind: 'covariance-matched', draws: 10, exact: false });
});

test('covariance-matched: it stays in the subspace of the rows and follows their spread', async () => {
  // Rows in the first two of five dimensions, with a zero row that has no direction.
  const flat = (id: string) => {
    const rows = transpose(random(5, 40, id));
    for (let i = 0; i < 40; i++) for (let j = 2; j < 5; j++) rows.data[i * 5 + j] = 0;
    rows.data.fill(0, 0, 5);
    return { id, rows };
  };
  const level = (await covarianceMatchedNull([flat('a'), flat('b')], options))!;
  expect(level.mean).toBeCloseTo(expectedMax(2, 39), 2);
  // Of a single direction everything is known.
  const line = fromRows([
    [3, 4, 0],
    [-6, -8, 0],
  ]);
  const one = await covarianceMatchedNull(
    [
      { id: 'a', rows: line },
      { id: 'b', rows: line },
    ],
    options,
  );
  expect(one!.mean).toBeGreaterThan(1 - 1e-5);
});

test('covariance-matched: features that share only a subspace score what it says', async () => {
  const spread = Float32Array.from({ length: 12 }, (_, j) => 1 / (1 + j));
  const sets = ['a', 'b', 'c'].map((id) => {
    const rows = random(150, 12, id);
    rows.data.forEach((v, at) => {
      rows.data[at] = v * spread[at % 12];
    });
    return { id, rows };
  });
  const level = (await covarianceMatchedNull(sets, options))!;
  const members = sets.map(({ id, rows }, i) => ({
    ...fixtureMembers[i],
    id,
    sae: { ...fixtureMembers[i].sae, decoder: rows },
  }));
  const scores = (await decoderMax(members, kernel))!;
  const measured = scores.pairs.reduce((sum, { value }) => sum + value, 0) / 3;
  expect(measured).toBeGreaterThan(expectedMax(12, 150) + 0.1);
  expect(Math.abs(measured - level.mean)).toBeLessThan(0.02);
});

/** Crowds of isotropic directions: the truth is the formula. */
const isotropic = (features: readonly number[], d: number): Crowd[] =>
  features.map((count) =>
    crowdOf(count, { values: new Float64Array(d).fill(1), vectors: Float64Array.from(identity(d).data) }),
  );

test('crowds: drawn sets honour the precision they state, stop early, and keep to the limit', async () => {
  // Above 2²⁰ multiply-adds a set, so sets are drawn and directions of the others look in them.
  const crowds = isotropic([1100, 1100, 1100], 32);
  const truth = expectedMax(32, 1100);
  const runs = 60;
  let within = 0;
  for (let seed = 0; seed < runs; seed++) {
    const drawn = await crowdScores('test', crowds, { kernel, seed, draws: 6, precision: 3e-3 });
    expect(drawn.draws).toBeGreaterThanOrEqual(2);
    if (drawn.draws < 6) expect(drawn.meanError).toBeLessThanOrEqual(3e-3);
    if (Math.abs(drawn.mean - truth) <= 1.96 * drawn.meanError) within++;
  }
  // 95 % of 60 is 57; fewer than 51 of them in one of a thousand cases.
  expect(within).toBeGreaterThanOrEqual(51);
  const far = await crowdScores('test', crowds, { kernel, seed: 1, draws: 3, precision: 1e-9 });
  expect(far.draws).toBe(3);
  expect(far.meanError).toBeGreaterThan(1e-9);
  // The SD is that of a formula which holds for isotropic directions.
  expect(far.sd / sdByFormula([1100, 1100, 1100], 32)).toBeGreaterThan(0.85);
  expect(far.sd / sdByFormula([1100, 1100, 1100], 32)).toBeLessThan(1.2);
});

test('crowds: sets of different widths and spectra have the mean of whole groups', async () => {
  const spectra = [1, 0.5, 0].map((power) => Float64Array.from({ length: 20 }, (_, k) => (1 + k) ** -power));
  const crowds = await Promise.all(
    spectra.map(async (values, i) => {
      const { vectors } = await kernel.topSubspace(random(40, 20, 'axes', i), 20);
      return crowdOf(1300 + 1500 * i, { values, vectors });
    }),
  );
  const drawn = await crowdScores('test', crowds, { kernel, seed: 1, draws: 30, precision: 1e-3 });
  expect(drawn.draws % 3).toBe(0);
  const groups: number[] = [];
  for (let n = 0; n < 8; n++) {
    const group = await Promise.all(
      crowds.map((crowd, i) =>
        inSpace(drawOnAxes(crowd, crowd.features, new Rng(2, 'test', n, i)), crowd, kernel, {}),
      ),
    );
    const sets = group.map((rows, i) => ({ id: String(i), rows }));
    const { pairs } = (await directionMax('decoder.max', sets, kernel))!;
    groups.push(pairs.reduce((sum, { value }) => sum + value / 3, 0));
  }
  const whole = drawnFrom(groups);
  expect(Math.abs(whole.mean - drawn.mean)).toBeLessThan(4 * Math.hypot(whole.meanError, drawn.meanError));
});

test('crowds: what is known of the directions that look takes most of the scatter away', async () => {
  const values = Float64Array.from({ length: 40 }, (_, k) => 1 / (1 + k) ** 1.5);
  const vectors = Float64Array.from(identity(40).data);
  const crowds = [0, 1].map(() => crowdOf(1000, { values, vectors }));
  const means: number[] = [];
  for (let seed = 0; seed < 16; seed++) {
    means.push((await crowdScores('test', crowds, { kernel, seed, draws: 2, precision: 0 })).mean);
  }
  const [a, b] = crowds.map((crowd, i) => drawOnAxes(crowd, 1000, new Rng(3, 'test', i)));
  const best = (await kernel.bestMatches(a, b)).aToB.abs.value;
  // Two draws of 1000 directions, if nothing were known of them.
  expect(sampleSd(means)).toBeLessThan((0.6 * sampleSd(best)) / Math.sqrt(2000));
});

test('a crowd is drawn over what its memory held before', () => {
  const axes = fromRows([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  const crowd = {
    features: 4,
    moment: Float64Array.of(0.5, 0.3, 0.2),
    lambda: Float64Array.of(0.5, 0.3, 0.2),
    axes,
  };
  const fresh = drawOnAxes(crowd, 4, new Rng(1, 'test'));
  const used = drawOnAxes(crowd, 4, new Rng(1, 'test'), new Float32Array(20).fill(7));
  expect(used).toEqual(fresh);
});

test('crowds: the directions have the second moment that is asked for', async () => {
  const d = 6;
  const values = Float64Array.of(0.5, 0.2, 0.1, 0.1, 0.08, 0.02);
  const { vectors } = await kernel.topSubspace(random(30, d, 'axes'), d);
  const crowd = crowdOf(200_000, { values, vectors });
  const rows = await inSpace(drawOnAxes(crowd, 200_000, new Rng(1, 'test')), crowd, kernel, {});
  const gram = await kernel.gram(rows, { centred: false });
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const wanted = values.reduce((sum, m, k) => sum + m * vectors[k * d + i] * vectors[k * d + j], 0);
      expect(Math.abs(gram[i * d + j] / 200_000 - wanted)).toBeLessThan(0.005);
    }
  }
});

test('covariance-matched: it counts chosen features only, and is absent where there is nothing', async () => {
  const rows = random(60, 4, 'a');
  const features = Int32Array.of(1, 5, 9, 30);
  const few = [
    { id: 'a', rows, features },
    { id: 'b', rows: random(60, 4, 'b'), features },
  ];
  const all = few.map(({ id, rows }) => ({ id, rows }));
  const [some, every] = [
    await covarianceMatchedNull(few, options),
    await covarianceMatchedNull(all, options),
  ];
  expect(some!.mean).toBeLessThan(every!.mean - 0.1);
  expect(await covarianceMatchedNull(all.slice(1), options)).toBeUndefined();
  expect(await covarianceMatchedNull([all[0], { id: 'b', rows: zeros(3, 4) }], options)).toBeUndefined();
});
