// A null from what was drawn, or from its mean and SD, by hand.
import { expect, test } from 'vitest';
import { correctForChance, drawnFrom, drawnNull, nullBand } from '../../../src/metrics/nulls/null.js';

test('draws of whole groups: their mean, their SD, and the SD over √n as error of the mean', () => {
  const drawn = drawnFrom([1, 2, 3, 6]);
  expect(drawn).toMatchObject({ mean: 3, draws: 4 });
  expect(drawn.sd).toBeCloseTo(Math.sqrt(14 / 3), 14);
  expect(drawn.meanError).toBeCloseTo(Math.sqrt(14 / 3) / 2, 14);
});

test('the band is 1.96 SDs to either side; a drawn null tells the error of its mean', () => {
  const band = { kind: 'some', mean: 0.5, sd: 0.1, low: 0.5 - 1.96 * 0.1, high: 0.5 + 1.96 * 0.1 };
  expect(nullBand('some', 0.5, 0.1, 0, true)).toEqual({ ...band, draws: 0, exact: true });
  const drawn = drawnNull('some', { mean: 0.5, sd: 0.1, meanError: 0.02, draws: 7 });
  expect(drawn).toEqual({ ...band, draws: 7, exact: false, meanError: 0.02 });
});

test('a score at chance is corrected to 0, full agreement to 1', () => {
  expect([0.25, 0.625, 1].map((value) => correctForChance(value, 0.25))).toEqual([0, 0.5, 1]);
});
