// A study with `consensus`: a dictionary for each group, the same after an interruption, and none where it is not asked for.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { consensusSchema } from '../../src/results/consensus-result.js';
import { runStudy } from '../../src/study/run.js';
import { tinyStudy } from './tiny-study.js';

const kernel = createPortableKernel({ threads: 2 });
afterAll(() => kernel.close());

test('each group has its own, and going on from an interrupted run gives the same', async () => {
  const { file, out } = await tinyStudy([
    ['analysis: { draws: 3 }', 'analysis: { draws: 3 }\nconsensus: { cosine: 0.6, support: 2, steps: 20 }'],
  ]);
  const results = await runStudy({ file, out, kernel, quick: true });
  const groups = results!.groups.map(({ id }) => id);
  expect((await readdir(join(out, 'consensus'))).sort()).toEqual([...groups].sort());
  const found = async () =>
    Promise.all(
      groups.map(async (id) => {
        const text = await readFile(join(out, 'consensus', id, 'consensus.json'), 'utf8');
        const { createdAt: _, ...rest } = consensusSchema.parse(JSON.parse(text));
        return rest;
      }),
    );
  const first = await found();
  for (const [g, { saes, families }] of first.entries()) {
    expect(saes.map(({ id }) => id)).toEqual(results!.groups[g].saes);
    expect(families.cosine).toBe(0.6);
  }
  await rm(join(out, 'consensus'), { recursive: true });
  const told: string[] = [];
  await runStudy({
    file,
    out,
    kernel,
    quick: true,
    listen: (event) => {
      if (event.type === 'stage') told.push(event.stage);
    },
  });
  expect(told.at(-1)).toBe('consensus');
  expect(await found()).toEqual(first);
});

test('families are in the results and in the report of any study', async () => {
  const { file, out } = await tinyStudy();
  const results = await runStudy({ file, out, kernel, quick: true });
  for (const { families, saes } of results!.groups) expect(families!.supports).toHaveLength(saes.length + 1);
  expect(await readFile(join(out, 'report.md'), 'utf8')).toContain('### Features that several SAEs agree on');
  expect(await readdir(out)).not.toContain('consensus');
});
