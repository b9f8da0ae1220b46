// What is measured on one SAE alone, by hand.
import { describe, expect, test } from 'vitest';
import { GroupContext, type GroupOfMembers, startMeasuring } from '../../src/evidence/context.js';
import { measureMember } from '../../src/evidence/measure-member.js';
import { startShape } from '../../src/evidence/start-shape.js';
import type { Member } from '../../src/sae/member.js';
import { freeKurtosis } from '../../src/stats/row-kurtosis.js';
import { fromDense, fromRows, type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

const measure = (one: Member, more: Partial<GroupOfMembers> = {}, sound = true) =>
  measureMember(
    one,
    sound,
    new GroupContext(
      { id: 'g', members: [one], ...more },
      startMeasuring({ kernel: atOnce, seed: 0, draws: 2 }),
    ),
  );

const withEncoder = (one: Member, encoder: Matrix): Member => ({ ...one, sae: { ...one.sae, encoder } });

/** Twenty rows on which four features fire 20, 19, 10 and 0 times. */
const codes = fromDense(
  Array.from({ length: 20 }, (_, n) => [1, n < 19 ? 2 : 0, n % 2, 0]),
  4,
);
const decoder = fromRows([
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 3],
  [0, 0.009, 0],
]);

describe('weights', () => {
  test('that are not finite are counted, and nothing else is measured', async () => {
    const broken = fromRows([
      [1, 0],
      [0, 0.001],
    ]);
    broken.data[1] = Number.NaN;
    const training = { steps: 3 };
    const { weights, ...rest } = await measure({ ...member('a', broken), training }, {}, false);
    expect(rest).toEqual({
      id: 'a',
      features: 2,
      width: 2,
      numerics: { nan: 2, inf: 0, zeroFeatures: 0 },
      training,
      usage: { deadByNorm: 1 },
    });
    // Row 1 alone has a norm, of 0.001.
    expect(weights?.decoder.normMax).toBeCloseTo(0.001, 9);
  });

  test('without one that is finite have no statistics', async () => {
    const nothing = { rows: 1, cols: 2, data: Float32Array.of(Number.NaN, Number.NaN) };
    const told = await measure(member('a', nothing), {}, false);
    expect(told).not.toHaveProperty('weights');
    expect(told).not.toHaveProperty('training');
  });

  test('rows are of odd length against the median one: beyond ten times, and below a hundredth of it', async () => {
    const lengths = [100, 100, 100, 100, 100, 1, 0.99, 1000, 1001, 0, 0];
    const rows = lengths.map((length, i) => lengths.map((_, j) => (i === j ? length : 0)));
    expect(await measure(member('a', fromRows(rows)))).toMatchObject({ tinyFeatures: 1, giantFeatures: 1 });
    expect(await measure(member('b', fromRows(rows.slice(-2))))).toMatchObject({
      tinyFeatures: 0,
      giantFeatures: 0,
      numerics: { zeroFeatures: 2 },
    });
    // A single row is its own median.
    expect(await measure(member('c', fromRows([[3, 4]])))).toMatchObject({
      tinyFeatures: 0,
      giantFeatures: 0,
    });
  });

  test('of the squared length of encoder rows, all at length 1, so much lies along one line', async () => {
    const encoder = fromRows([
      [5, 0, 0],
      [-1, 0, 0],
      [2, 0, 0],
      [0, 7, 0],
    ]);
    expect((await measure(withEncoder(member('a', decoder), encoder))).encoderLeading).toBeCloseTo(0.75, 6);
    expect((await measure(withEncoder(member('a', decoder), zeros(4, 3)))).encoderLeading).toBe(0);
    const one = fromRows([[3, 4, 0]]);
    expect((await measure(member('a', one))).encoderLeading).toBeCloseTo(1, 6);
  });

  test('features written twice are counted, and those beyond one for each direction', async () => {
    const rows = fromRows([
      [1, 0, 0],
      [-2, 0, 0],
      [3, 0, 0],
      [0, 1, 0],
    ]);
    expect(await measure(member('a', rows))).toMatchObject({ parallelFeatures: 3, repeatedFeatures: 2 });
  });
});

describe('usage', () => {
  test('by hand: live, dead, always on from 95 of 100 rows, dense from half of them', async () => {
    const told = await measure(member('a', decoder, codes));
    expect(told.usage).toEqual({ live: 3, deadByFiring: 1, alwaysOn: 2, deadByNorm: 1 });
    expect(told.denseFeatures).toBe(3);
    expect(told).toMatchObject({ id: 'a', features: 4, width: 3 });
  });

  test('without codes says what the weights say', async () => {
    const told = await measure(member('a', decoder));
    expect(told.usage).toEqual({ deadByNorm: 1 });
    for (const name of ['denseFeatures', 'placeFeatures', 'meanWritten', 'fit', 'init', 'training'])
      expect(told).not.toHaveProperty(name);
  });

  test('what dense features write of the mean is told where there is one', async () => {
    // Feature 0 alone writes along it: 1·(1, 0, 0), of a mean of (4, 0, 0).
    const told = await measure(member('a', decoder, codes), { mean: Float64Array.of(4, 0, 0) });
    expect(told.meanWritten).toBeCloseTo(0.25, 12);
    expect(await measure(member('a', decoder, codes))).not.toHaveProperty('meanWritten');
  });

  test('fits are told where they are known', async () => {
    const fitOf = (mse: number) => ({ mse, explainedVariance: 0.5, l0: 2 });
    const firing = { counts: Int32Array.of(20, 19, 10, 0), rows: 20 };
    const told = await measure({
      ...member('a', decoder, codes),
      fit: fitOf(1),
      ordinary: { firing, fit: fitOf(2) },
      elsewhere: { firing, fit: fitOf(3) },
      otherDimensionsFit: fitOf(4),
    });
    expect(told).toMatchObject({
      fit: fitOf(1),
      ordinaryFit: fitOf(2),
      elsewhereFit: fitOf(3),
      otherDimensionsFit: fitOf(4),
    });
    const without = await measure({
      ...member('a', decoder, codes),
      ordinary: { firing },
      elsewhere: { firing },
    });
    for (const name of ['fit', 'ordinaryFit', 'elsewhereFit', 'otherDimensionsFit'])
      expect(without).not.toHaveProperty(name);
  });

  test('features of places fire nine tenths of the time there, of the rows that are not massive', async () => {
    const one = member('a', decoder, codes);
    const rows = 20;
    const counts = (...values: number[]) => ({ firing: { counts: Int32Array.from(values), rows } });
    const placeFeatures = async (more: Partial<Member>) => (await measure({ ...one, ...more })).placeFeatures;
    // Of 20, 19, 10 and 0 times so many are elsewhere: 18, 1 and 1 of them are not.
    expect(await placeFeatures({ elsewhere: counts(2, 18, 9, 0) })).toBe(1);
    expect(await placeFeatures({ elsewhere: counts(3, 18, 1, 0) })).toBe(1);
    expect(await placeFeatures({ elsewhere: counts(3, 2, 2, 0) })).toBe(0);
    // Massive rows, where feature 1 fires but once, are no places.
    const ordinary = counts(20, 1, 10, 0);
    expect(await placeFeatures({ ordinary, elsewhere: counts(20, 0, 2, 0) })).toBe(1);
    expect(await placeFeatures({ ordinary })).toBeUndefined();
    const { codes: _, ...silent } = one;
    expect(await measure({ ...silent, elsewhere: counts(0, 0, 0, 0) })).not.toHaveProperty('placeFeatures');
  });
});

describe('a known start', () => {
  /** Cosines with it: 1, 0.28, 0, −1; feature 4 has no direction. */
  const trained = fromRows([
    [2, 0],
    [7, 24],
    [0, 3],
    [-1, 0],
    [0, 0],
  ]);
  const start = fromRows(Array.from({ length: 5 }, () => [1, 0]));
  const bins = (...at: number[]) =>
    Array.from({ length: 40 }, (_, bin) => at.filter((one) => one === bin).length);

  test('by hand: medians of all, live and dead rows, and how many cosines are in each bin of 0.05', async () => {
    const fires = fromDense([[1, 0, 0, 1, 1]]);
    const { init } = await measure(member('a', trained, fires, start));
    expect(init).toMatchObject({ unmoved: 1, cosineMedian: expect.closeTo(0.14, 7) });
    expect(init?.cosineMedianLive).toBe(0);
    expect(init?.cosineMedianDead).toBeCloseTo(0.14, 7);
    const { edges, live, dead } = init!.cosineHistogram!;
    expect(edges).toHaveLength(41);
    expect([edges[0], edges[10], edges[20], edges[40]]).toEqual([-1, -0.5, 0, 1]);
    // −1 is in the first and 1 in the last bin, 0 at the edge that bin 20 begins at, 0.28 between those of 25 and 26.
    expect(live).toEqual(bins(0, 39));
    expect(dead).toEqual(bins(20, 25));
  });

  test('without codes has the median alone', async () => {
    const told = await measure(member('a', trained, undefined, start));
    expect(told.init).toEqual({ cosineMedian: expect.closeTo(0.14, 7), unmoved: 1 });
    expect(told).not.toHaveProperty('start');
  });

  test('a row that turned by half a degree has not moved, and one by three degrees has', async () => {
    const rows = [0.5, 3].map((degrees) => {
      const angle = (degrees * Math.PI) / 180;
      return [Math.cos(angle), Math.sin(angle)];
    });
    const init = fromRows([
      [1, 0],
      [1, 0],
    ]);
    expect((await measure(member('a', fromRows(rows), undefined, init))).init?.unmoved).toBe(1);
  });

  test('of a part that has no feature there is no median', async () => {
    const one = fromRows([[1, 0]]);
    const live = await measure(member('a', one, fromDense([[1]]), one));
    expect(live.init).toMatchObject({ cosineMedian: 1, cosineMedianLive: 1 });
    expect(live.init).not.toHaveProperty('cosineMedianDead');
    const dead = await measure(member('a', one, fromDense([[0]]), one));
    expect(dead.init).toMatchObject({ cosineMedian: 1, cosineMedianDead: 1 });
    expect(dead.init).not.toHaveProperty('cosineMedianLive');
  });

  test('says nothing where no row has a direction', async () => {
    const told = await measure(member('a', zeros(2, 2), undefined, zeros(2, 2)));
    expect(told).not.toHaveProperty('init');
    expect(told).not.toHaveProperty('start');
  });
});

describe('a start that is not known', () => {
  const width = 16;
  const rng = new Rng(2, 'start');
  /** Uniform entries, with some of another kind added. */
  const moved = zeros(64, width);
  rng.fillUniform(moved.data, 1);
  for (let e = 0; e < moved.data.length; e++) moved.data[e] += 0.3 * rng.normal();
  const free = freeKurtosis(width);
  const kurtosis = free - 0.03;
  /** Of 64 features two or six on each of two rows: four on average. */
  const some = fromDense([2, 6].map((active) => Array.from({ length: 64 }, (_, i) => Number(i < active))));
  const live = Int32Array.of(0, 1, 2, 3, 4, 5);

  test('is judged beside data that are as flat as so many features at a time make them', async () => {
    const one = member('a', moved, some);
    const expected = startShape(one.sae, live, { kurtosis, active: 4 });
    expect((await measure(one, { kurtosis })).start).toEqual(expected);
    expect(expected.cosine).toBeGreaterThan(0.5);
    expect(expected.cosine).toBeLessThan(startShape(one.sae, live).cosine);
  });

  test('is judged alone where nothing is known of the data, or the SAE has others', async () => {
    const one = member('a', moved, some);
    const alone = startShape(one.sae, live);
    expect((await measure(one)).start).toEqual(alone);
    const own = { ...one, activations: fromRows([[1], [2]]) };
    expect((await measure(own, { kurtosis })).start).toEqual(alone);
    const transcoder = { ...one, sae: { ...one.sae, transcoder: true } as const };
    expect((await measure(transcoder, { kurtosis })).start).toEqual(alone);
    const { codes: _, ...weights } = one;
    expect((await measure(weights, { kurtosis })).start).toEqual(startShape(one.sae, undefined));
  });

  test('counts features of a single row, and of none', async () => {
    const row = member('a', moved, fromDense([Array.from({ length: 64 }, (_, i) => Number(i < 3))]));
    const three = startShape(row.sae, live.subarray(0, 3), { kurtosis, active: 3 });
    expect((await measure(row, { kurtosis })).start).toEqual(three);
    const nothing = { rows: 0, features: 64, offsets: new Int32Array(1) };
    const none = { ...nothing, indices: new Int32Array(0), values: new Float32Array(0) };
    const silent = await measure(member('a', moved, none), { kurtosis });
    expect(silent.start).toEqual(startShape(row.sae, new Int32Array(0)));
  });
});
