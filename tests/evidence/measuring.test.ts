// What all measurements of a group share.
import { expect, it } from 'vitest';
import { startMeasuring } from '../../src/evidence/context.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';

it('a signal takes the listeners of many measurements at once without a warning', async () => {
  const kernel = createPortableKernel({ threads: 1 });
  const { signal } = new AbortController();
  startMeasuring({ kernel, seed: 0, draws: 2, signal });
  const warnings: string[] = [];
  const heard = ({ name }: Error) => warnings.push(name);
  process.on('warning', heard);
  for (let n = 0; n < 20; n++) signal.addEventListener('abort', () => n);
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('warning', heard);
  expect(warnings).toEqual([]);
  await kernel.close();
});
