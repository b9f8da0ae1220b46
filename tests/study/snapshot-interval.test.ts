// How often training is saved: often while that is cheap, rarely where it takes long.
import { expect, it } from 'vitest';
import { untilNextSnapshot } from '../../src/study/snapshot-pace.js';

it('every four seconds, and at most one part in fifty of the time', () => {
  expect(untilNextSnapshot(0)).toBe(4);
  expect(untilNextSnapshot(0.08)).toBe(4);
  expect(untilNextSnapshot(1)).toBe(50);
  // 13 GB at 200 MB/s: once in about an hour.
  expect(untilNextSnapshot(65)).toBe(3250);
});
