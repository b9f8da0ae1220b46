// Where a score stands against its nulls.
import { describe, expect, it } from 'vitest';
import { against, held, heldStrictly, isBeyond, judge, withReach } from '../../src/diagnosis/judgement.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import type { KnownNull } from '../../src/metrics/nulls/registry.js';
import { score } from './hand.js';

const level = (kind: KnownNull['kind'], mean: number, sd = 0.01) =>
  nullBand(kind, mean, sd, 5, true) as KnownNull;

describe('judge', () => {
  const random = level('random-directions', 0.5);

  it('asks the whole interval to lie outside the band', () => {
    expect(random.high).toBeGreaterThan(0.51);
    const at = (mean: number, reach: number) => judge(score('decoder.max', mean, 0.5, reach), random);
    expect(at(0.6, 0.05)).toBe('above');
    expect(at(0.6, 0.1)).toBe('within');
    expect(at(0.4, 0.05)).toBe('below');
    expect(at(0.4, 0.1)).toBe('within');
  });

  it('takes the score alone where there is no interval', () => {
    expect(judge({ mean: 0.6 }, random)).toBe('above');
    expect(judge({ mean: random.high }, random)).toBe('within');
    expect(judge({ mean: random.low }, random)).toBe('within');
  });
});

describe('a score held against a null', () => {
  it('is corrected for it, and falls no lower than twice as far as full agreement is away', () => {
    const corrected = (mean: number, chance: number) =>
      against(score('decoder.max', mean, chance), level('random-directions', chance)).corrected;
    expect(corrected(0.75, 0.5)).toBeCloseTo(0.5, 12);
    expect(corrected(0.25, 0.5)).toBeCloseTo(-0.5, 12);
    expect(corrected(0, 0.9)).toBe(-1);
    expect(corrected(0.8, 0.9)).toBeCloseTo(-1, 12);
  });

  it('has the reach of its interval, corrected', () => {
    const { value, reach } = withReach(held(score('decoder.max', 0.75, 0.5, 0.1))!);
    expect([value, reach]).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.2, 12)]);
  });

  it('is held against its own by default, and by the highest strictly', () => {
    const otherNulls = [
      level('untrained', 0.7),
      level('covariance-matched', 0.6),
      // Decides nothing, whatever it is.
      level('data-covariance', 0.8),
      // Runs that share their start: no null at all.
      level('own-init', 0.9995),
    ];
    const one = { ...score('decoder.max', 0.85, 0.2), otherNulls };
    expect(held(one)?.level.mean).toBe(0.2);
    expect(heldStrictly(one)?.level.kind).toBe('untrained');
    expect(heldStrictly(one)?.corrected).toBeCloseTo(0.5, 12);
    expect(heldStrictly({ ...one, otherNulls: [] })?.level.mean).toBe(0.2);
    expect(held(undefined)).toBeUndefined();
    expect(held({ ...one, null: level('random-directions', 1) })).toBeUndefined();
  });

  it('is beyond it when that is sure and of a size to name', () => {
    const beyond = (mean: number, reach = 0.001) => isBeyond(held(score('decoder.max', mean, 0.5, reach))!);
    expect(beyond(0.53)).toBe(true);
    // Sure, but 0.044 of the way up.
    expect(beyond(0.522)).toBe(false);
    expect(beyond(0.6, 0.1)).toBe(false);
  });
});
