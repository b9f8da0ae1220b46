// A disk that fills up while a study runs: one clear error, nothing half written, and the next run goes on.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { parseResults } from '../../src/results/read-results.js';
import { runStudy } from '../../src/study/run.js';
import { tinyStudy } from './tiny-study.js';

/** How many more files the disk takes. */
const disk = vi.hoisted(() => ({ files: Number.POSITIVE_INFINITY }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    // Files of a study are written to an open handle.
    writeFile: async (...to: Parameters<typeof real.writeFile>) => {
      if (typeof to[0] === 'object' && 'fd' in to[0] && disk.files-- <= 0) {
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      }
      return real.writeFile(...to);
    },
  };
});

const kernel = createPortableKernel({ threads: 2 });
afterAll(() => kernel.close());

const resultsIn = async (out: string) => {
  const file = join(out, 'results.json');
  return { ...parseResults(JSON.parse(await readFile(file, 'utf8')), file), createdAt: '' };
};

it('ends every attempt cleanly, and the study with the same results', async () => {
  const study = await tinyStudy([['epochs: 40', 'epochs: 2']]);
  const whole = join(study.folder, 'whole');
  await runStudy({ ...study, out: whole, kernel });
  let attempts = 0;
  for (let done = false; !done; attempts++) {
    expect(attempts).toBeLessThan(40);
    disk.files = 16;
    const error = await runStudy({ ...study, kernel }).then(
      () => undefined,
      (cause) => cause,
    );
    disk.files = Number.POSITIVE_INFINITY;
    done = error === undefined;
    if (done) continue;
    expect(error).toMatchObject({
      code: 'input.file',
      message: expect.stringMatching(/^\S+: cannot write it: the disk is full$/),
    });
    const left = await readdir(study.out, { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp') || name.endsWith('lock'))).toEqual([]);
  }
  expect(attempts).toBeGreaterThan(4);
  expect(await resultsIn(study.out)).toEqual(await resultsIn(whole));
});
