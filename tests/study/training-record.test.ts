// What a checkpoint says of its training, and what is no such record.
import { expect, test } from 'vitest';
import { trainingRecord } from '../../src/study/training-record.js';

test('steps, and losses where they are numbers', () => {
  expect(trainingRecord({ steps: 100, losses: [2, 1] })).toEqual({ steps: 100, losses: [2, 1] });
  expect(trainingRecord({ steps: 100 })).toEqual({ steps: 100 });
  expect(trainingRecord({ steps: 100, losses: [2, 'x'] })).toEqual({ steps: 100 });
  expect(trainingRecord({ steps: 100, losses: [] })).toEqual({ steps: 100 });
});

test('without a number of steps there is none', () => {
  for (const steps of [undefined, 0, -1, 1.5, '100']) expect(trainingRecord({ steps })).toBeUndefined();
});
