// Known against measured, by hand.
import { expect, it } from 'vitest';
import { calibration } from '../../src/stats/calibration.js';

it('by hand: off by +.1, −.1 and +.3', () => {
  const found = calibration([
    { known: 1, measured: 0.9 },
    { known: 0, measured: 0.1 },
    { known: 0.5, measured: 0.8 },
  ])!;
  expect(found).toMatchObject({ n: 3, rises: true });
  expect(found.bias).toBeCloseTo(0.1, 12);
  expect(found.error).toBeCloseTo(Math.sqrt(0.11 / 3), 12);
  expect(found.worst).toBeCloseTo(0.3, 12);
});

it('rises on average, does not rise, or cannot', () => {
  const at = (...pairs: [number, number][]) =>
    calibration(pairs.map(([known, measured]) => ({ known, measured })))!;
  expect(at([0, 0.4], [0, 0], [1, 0.3]).rises).toBe(true);
  expect(at([0, 0.4], [0.5, 0.39], [1, 0.9]).rises).toBe(false);
  // Where it stays as it is it does not fall.
  expect(at([0, 0.4], [0.5, 0.4], [1, 0.9]).rises).toBe(true);
  expect(at([1, 0.3]).rises).toBeUndefined();
  expect(calibration([])).toBeUndefined();
});
