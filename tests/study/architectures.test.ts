// A study of every architecture: trained in one command, written as checkpoints, stopped anywhere and gone on with.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { Results } from '../../src/results/results.js';
import { openSae } from '../../src/sae/open-sae.js';
import { runStudy } from '../../src/study/run.js';
import { knownInit } from '../../src/training/known-init.js';
import { tinyStudy } from './tiny-study.js';

const kernel = createPortableKernel({ threads: 2 });
afterAll(() => kernel.close());

const settings = [
  [
    'architecture: topk, dSae: 48, k: 4 }',
    'architecture: [topk, batchtopk, relu, jumprelu], dSae: 48, k: 4, sparsity: 0.02 }',
  ],
  ['epochs: 40', 'epochs: 6'],
  ['recipe: plain', 'recipe: saelens'],
  ['sites: [plus, equals]', 'sites: [equals]'],
  ['init: [1, 2, 3]', 'init: [1, 2]'],
  ['group: layer0.plus', 'group: layer0.equals.topk'],
] as const;

it('trains them all, and ends in the same bytes after a stop', async () => {
  const study = await tinyStudy(settings.map(([from, to]) => [from, to]));
  const results = (await runStudy({ file: study.file, out: study.out, kernel })) as Results;
  expect(results.groups.map(({ architecture }) => architecture)).toEqual([
    'topk',
    'batchtopk',
    'relu',
    'jumprelu',
  ]);
  const stop = new AbortController();
  const out = await mkdtemp(join(tmpdir(), 'reseed-'));
  let epochs = 0;
  const stopped = runStudy({
    file: study.file,
    out,
    kernel,
    signal: stop.signal,
    listen: (event) => {
      if (event.type === 'progress' && event.stage === 'training' && ++epochs === 9) stop.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: 'internal.cancelled' });
  const again = await runStudy({ file: study.file, out, kernel });
  for (const { id } of results.saes) {
    const weights = (root: string) => readFile(join(root, 'saes', id, 'sae_weights.safetensors'));
    expect(await weights(out)).toEqual(await weights(study.out));
    const { sae, record } = await openSae(join(study.out, 'saes', id));
    expect(knownInit(sae, record)?.decoder.rows).toBe(48);
  }
  expect({ ...again, createdAt: '' }).toEqual({ ...results, createdAt: '' });
});

it('refuses a recipe that does not train an architecture, by both their names', async () => {
  const study = await tinyStudy([
    ['architecture: topk', 'architecture: gated'],
    ['k: 4', 'sparsity: 1'],
    ['recipe: plain', 'recipe: openai'],
  ]);
  await expect(runStudy({ file: study.file, out: study.out, kernel })).rejects.toThrow(
    'the recipe openai is not defined for gated, only for topk',
  );
});
