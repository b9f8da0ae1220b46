// What all measurements of a group share.
import { getMaxListeners } from 'node:events';
import { expect, it } from 'vitest';
import { startMeasuring } from '../../src/evidence/context.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';

it('a signal takes as many listeners as there are measurements at once', async () => {
  const kernel = createPortableKernel({ threads: 1 });
  const { signal } = new AbortController();
  startMeasuring({ kernel, seed: 0, draws: 2, signal });
  // 0 stands for any number; beyond 10 Node would warn of a leak.
  expect(getMaxListeners(signal)).toBe(0);
  await kernel.close();
});
