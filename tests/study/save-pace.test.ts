// How often training is saved: often while that is cheap, rarely where it takes long.
import { expect, it } from 'vitest';
import { untilNextSave } from '../../src/study/save-pace.js';

it('every four seconds, and at most one part in fifty of the time', () => {
  expect(untilNextSave(0)).toBe(4);
  expect(untilNextSave(0.08)).toBe(4);
  expect(untilNextSave(1)).toBe(50);
  // 13 GB at 200 MB/s: once in about an hour.
  expect(untilNextSave(65)).toBe(3250);
});
