// Learning rates over a run, by hand.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rateFactor, scheduled, warmUpFactor, warmUpWithin } from '../../src/training/schedule.js';

it('rises from 0 over the warm-up, by hand', () => {
  expect([0, 1, 2, 3, 4, 5].map((s) => warmUpFactor(s, 4))).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
  expect(warmUpFactor(0, 0)).toBe(1);
});

it('stays, and falls to almost 0 from its share of the steps on, by hand', () => {
  const rate = { warmUp: 2, steps: 10, decayFrom: 0.6 };
  const all = Array.from({ length: 10 }, (_, s) => rateFactor(s, rate));
  expect(all).toEqual([0, 0.5, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25]);
  expect(rateFactor(9, { warmUp: 2, steps: 10 })).toBe(1);
});

it('a warm-up takes at most half of a run', () => {
  expect(warmUpWithin(1000, 5000)).toBe(1000);
  expect(warmUpWithin(1000, 1500)).toBe(750);
  expect(warmUpWithin(0, 10)).toBe(0);
});

it('is the same however a run is cut', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), fc.nat(40), (from, count, warmUp) => {
      const rate = { warmUp, steps: 200, decayFrom: 0.5 };
      const whole = scheduled(0, from + count, (s) => rateFactor(s, rate));
      expect(scheduled(from, count, (s) => rateFactor(s, rate))).toEqual(whole.slice(from));
      expect(whole.every((factor) => factor >= 0 && factor <= 1)).toBe(true);
    }),
  );
});
