// Whether SAEs agree by more than a shared start would make them, and how far they have left it.
import { afterAll, describe, expect, it } from 'vitest';
import { agreesBeyondStart, startCosine } from '../../src/evidence/start-estimate.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { MeasuredMetric } from '../../src/metrics/measured.js';
import { bestScore } from '../../src/metrics/pairs/directions.js';
import { expectedMax } from '../../src/stats/best-cosine.js';
import { type Matrix, unitRows, zeros } from '../../src/tensor/matrix.js';
import { Rng } from '../../src/tensor/rng.js';
import { member, score } from '../diagnosis/hand.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const [features, width] = [256, 64];
const chance = expectedMax(width, features);

function directions(name: string, draw: (rng: Rng) => number): Matrix {
  const rng = new Rng(1, name);
  const m = zeros(features, width);
  for (let e = 0; e < m.data.length; e++) m.data[e] = draw(rng);
  return unitRows(m).unit;
}

/** Rows at this cosine with a start of their own, which have learned the same. */
function trained(name: string, cosine: number): Matrix {
  const start = directions(name, (rng) => rng.uniform() - 0.5);
  const learned = directions('learned', (rng) => rng.normal());
  return {
    ...start,
    data: start.data.map((s, e) => cosine * s + Math.sqrt(1 - cosine ** 2) * learned.data[e]),
  };
}

/** decoder.max of pairs with these scores, of which `dependent` share their start. */
function evidenceOf(values: readonly number[], dependent: readonly number[] = []) {
  const pairs = values.map((value, i) => ({ a: 'a', b: `b${i}`, value, aToB: value, bToA: value }));
  const metric: MeasuredMetric = { ...score('decoder.max', values[0], chance), pairs };
  const dependence = dependent.map((i) => ({ a: 'a', b: `b${i}`, sameFeatures: 0, sameInit: true }));
  const activations = { rows: 9, distinctRows: 9, effectiveRank: 3 };
  return { metrics: { 'decoder.max': metric }, dependence, activations };
}

describe('separate runs', () => {
  it.each([
    0.75, 0.85, 0.95,
  ])('that are at a cosine of %d with their starts agree by no more than that allows', async (cosine) => {
    const value = await bestScore(trained('a', cosine), trained('b', cosine), kernel, {});
    expect(value).toBeGreaterThan(chance);
    expect(agreesBeyondStart(evidenceOf([value]), cosine)).toBe(false);
  });

  it('that have left them agree by more than they could there', async () => {
    const value = await bestScore(trained('a', 0.25), trained('b', 0.25), kernel, {});
    for (const estimated of [0.9, 0.95, 1]) {
      expect(agreesBeyondStart(evidenceOf([value]), estimated)).toBe(true);
    }
  });

  it('at a cosine of 1 agree by chance and no more than a twentieth beyond, and at one of 0 by anything', () => {
    expect(agreesBeyondStart(evidenceOf([chance + 0.0501]), 1)).toBe(true);
    expect(agreesBeyondStart(evidenceOf([chance + 0.0499]), 1)).toBe(false);
    expect(agreesBeyondStart(evidenceOf([1]), 0)).toBe(false);
    expect(agreesBeyondStart(evidenceOf([1.05]), 0)).toBe(false);
  });

  it('by hand: at a cosine of 0.8, and 0.3 by chance, by no more than 0.84 and a twentieth', () => {
    // 0.64·0.3 + 2·0.8·0.6·0.3 + 0.36
    const of = (value: number) => {
      const { metrics, ...known } = evidenceOf([value]);
      const level = { ...metrics['decoder.max'].null!, mean: 0.3 };
      return agreesBeyondStart(
        { ...known, metrics: { 'decoder.max': { ...metrics['decoder.max'], null: level } } },
        0.8,
      );
    };
    expect([of(0.8899), of(0.8901)]).toEqual([false, true]);
  });

  it('are judged by live features where these are known, and not without a null', () => {
    const { metrics, ...known } = evidenceOf([chance + 0.2]);
    const live = {
      ...score('decoder.max.live', chance, chance),
      pairs: evidenceOf([chance]).metrics['decoder.max'].pairs,
    };
    expect(agreesBeyondStart({ ...known, metrics }, 1)).toBe(true);
    expect(agreesBeyondStart({ ...known, metrics: { ...metrics, 'decoder.max.live': live } }, 1)).toBe(false);
    const { null: _, ...bare } = metrics['decoder.max'];
    expect(agreesBeyondStart({ ...known, metrics: { 'decoder.max': bare } }, 1)).toBe(false);
  });

  it('alone tell: runs that share their start agree because of it', () => {
    expect(agreesBeyondStart(evidenceOf([0.99, chance], [0]), 0.9)).toBe(false);
    expect(agreesBeyondStart(evidenceOf([chance, 0.99], [0]), 0.9)).toBe(true);
    expect(agreesBeyondStart(evidenceOf([0.99], [0]), 0.9)).toBe(false);
    expect(agreesBeyondStart({ metrics: {}, dependence: [] }, 0.9)).toBe(false);
  });
});

describe('the cosine with the start', () => {
  const { init: _, ...bare } = member('a');

  it('is that of the start where it is known, of live rows first', () => {
    const known = (init: NonNullable<ReturnType<typeof member>['init']>) =>
      startCosine({ ...bare, init, start: { cosine: 0.9, tied: 0 } }, evidenceOf([chance]));
    expect(known({ cosineMedian: 0.4, unmoved: 0 })).toBe(0.4);
    expect(known({ cosineMedian: 0.4, cosineMedianLive: 0.2, unmoved: 0 })).toBe(0.2);
  });

  it('is else estimated, unless the runs agree by more', () => {
    const start = { cosine: 0.9, tied: 0 };
    expect(startCosine({ ...bare, start }, evidenceOf([chance]))).toBe(0.9);
    expect(startCosine({ ...bare, start: { ...start, cosineLive: 0.8 } }, evidenceOf([chance]))).toBe(0.8);
    const { activations: _, ...weights } = evidenceOf([chance]);
    expect(startCosine({ ...bare, start }, weights)).toBeUndefined();
    expect(startCosine({ ...bare, start }, evidenceOf([0.95]))).toBeUndefined();
    expect(startCosine({ ...bare, start: { cosine: 0, tied: 0 } }, evidenceOf([chance]))).toBeUndefined();
    expect(startCosine(bare, evidenceOf([chance]))).toBeUndefined();
  });
});
