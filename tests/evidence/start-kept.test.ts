// Whether rows still point where they started, over the SAEs whose start is known, by hand.
import { expect, test } from 'vitest';
import type { InitEvidence } from '../../src/evidence/evidence.js';
import { liveRowsKeptStart, startKept } from '../../src/evidence/start-kept.js';
import { member } from '../diagnosis/hand.js';

const group = (...starts: (InitEvidence | undefined)[]) => ({
  members: starts.map((init) => {
    const { init: _, ...bare } = member('a');
    return init ? { ...bare, init } : bare;
  }),
});
const of = (cosineMedian: number, cosineMedianLive?: number, cosineMedianDead?: number): InitEvidence => ({
  cosineMedian,
  unmoved: 0,
  ...(cosineMedianLive === undefined ? {} : { cosineMedianLive }),
  ...(cosineMedianDead === undefined ? {} : { cosineMedianDead }),
});

test('means over SAEs of what is known of each', () => {
  const [one, other] = [of(0.5, 0.25, 1), of(0.75, undefined, 0.5)];
  expect(startKept(group(one, undefined, other))).toEqual({
    known: [one, other],
    cosineMedian: 0.625,
    cosineMedianLive: 0.25,
    cosineMedianDead: 0.75,
    firingKnown: true,
    liveUnmoved: false,
    allUnmoved: false,
  });
  expect(startKept(group(undefined))).toBeUndefined();
});

test('without codes it is not known which features fire', () => {
  expect(startKept(group(of(0.9)))).toEqual({
    known: [of(0.9)],
    cosineMedian: 0.9,
    cosineMedianLive: undefined,
    cosineMedianDead: undefined,
    firingKnown: false,
    liveUnmoved: false,
    allUnmoved: true,
  });
});

test('firing is known by a single median, of live or of dead rows', () => {
  expect(startKept(group(of(0.5, 0.4)))).toMatchObject({ firingKnown: true, cosineMedianLive: 0.4 });
  expect(startKept(group(of(0.5, undefined, 0.6)))).toMatchObject({
    firingKnown: true,
    cosineMedianDead: 0.6,
  });
  expect(startKept(group(of(0.5, 0.4, 0.6)))?.firingKnown).toBe(true);
});

test('rows at 0.7 or above have not moved', () => {
  const kept = (all: number, live?: number) => {
    const { allUnmoved, liveUnmoved } = startKept(group(of(all, live)))!;
    return [allUnmoved, liveUnmoved];
  };
  expect(kept(0.7, 0.69)).toEqual([true, false]);
  expect(kept(0.69, 0.7)).toEqual([false, true]);
  expect(kept(0.05, 0.05)).toEqual([false, false]);
});

test('a decoder score measures the start where live rows kept it, or all where firing is unknown', () => {
  expect(liveRowsKeptStart(group(of(0.1, 0.8)))).toBe(true);
  expect(liveRowsKeptStart(group(of(0.9, 0.1)))).toBe(false);
  expect(liveRowsKeptStart(group(of(0.9, undefined, 0.99)))).toBe(false);
  expect(liveRowsKeptStart(group(of(0.9)))).toBe(true);
  expect(liveRowsKeptStart(group(of(0.1)))).toBe(false);
  expect(liveRowsKeptStart(group(undefined))).toBe(false);
});
