// A comparison of SAEs of any shape, however degenerate, ends in finite scores within their range, on every kernel.
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { selectKernel } from '../../src/kernel/select.js';
import { compareShape, shapes } from './shapes.js';

// The native kernel where it is built.
const kernel = selectKernel({ threads: 1 });
const portable = createPortableKernel({ threads: 1 });
afterAll(() => Promise.all([kernel.close(), portable.close()]));

const seed = 1;

describe('SAEs of any shape', () => {
  it('end in results: finite, every score within its range', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ d: 80, features: 300 }), async (shape) => {
        expect((await compareShape(shape, kernel)).faults).toEqual([]);
      }),
      { seed, numRuns: 60 },
    );
  });

  it('give the same on the portable kernel', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ d: 24, features: 60 }), async (shape) => {
        const [one, other] = [await compareShape(shape, portable), await compareShape(shape, kernel)];
        expect(one).toEqual({ ...other, results: { ...other.results, reseed: one.results.reseed } });
      }),
      { seed, numRuns: 10 },
    );
  });
});
