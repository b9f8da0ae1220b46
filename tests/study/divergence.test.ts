// A run that diverges fails alone: it stands in the results with what is wrong, and the others are compared.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { StudyEvent } from '../../src/compare/progress.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { describeFinding } from '../../src/report/wording.js';
import type { FindingResult, Results } from '../../src/results/results.js';
import { divergedAbove, hasDiverged } from '../../src/study/divergence.js';
import { runStudy } from '../../src/study/run.js';
import { fromRows } from '../../src/tensor/matrix.js';
import { plain } from '../../src/training/recipes/plain.js';
import { startState } from '../../src/training/state.js';
import { tinyStudy } from './tiny-study.js';

const kernel = createPortableKernel({ threads: 2 });
afterAll(() => kernel.close());

it('a loss has exploded where it is a thousand times that of an SAE that writes nothing', () => {
  const x = fromRows([
    [3, 4],
    [0, 0],
  ]);
  expect(divergedAbove(x)).toBe(12_500);
  expect(divergedAbove(fromRows([[0, 0]]))).toBe(Number.POSITIVE_INFINITY);
  const after = (...losses: number[]) => ({ ...startState(plain.init(1, 2, 4)), losses });
  expect(hasDiverged(after(), 12_500)).toBe(false);
  expect(hasDiverged(after(1, 12_499), 12_500)).toBe(false);
  expect(hasDiverged(after(1, 12_501, 1), 12_500)).toBe(true);
  expect(hasDiverged(after(Number.NaN), 12_500)).toBe(true);
  // As a snapshot brings it back.
  expect(hasDiverged(after(JSON.parse('null')), 12_500)).toBe(true);
  const broken = after(1);
  broken.adam.weights.decoder[3] = Number.NEGATIVE_INFINITY;
  expect(hasDiverged(broken, 12_500)).toBe(true);
});

it.each([
  ['whose weights become NaN', '1e30', 'steps: 12'],
  ['whose loss explodes', '1e5', 'epochs: 40'],
])('a run %s is left out of the scores, and the rest of the study stands', async (what, rate, length) => {
  const study = await tinyStudy([
    ['epochs: 40, batchSize: 16, learningRate: 0.003', 'batchSize: 16, snapshots: log'],
    [
      'seeds:',
      `variants:\n  - { name: good, training: { epochs: 3 } }\n  - { name: wild, training: { ${length}, learningRate: ${rate} } }\nseeds:`,
    ],
    ['group: layer0.plus', 'group: layer0.plus.good'],
  ]);
  const events: StudyEvent[] = [];
  const options = { ...study, kernel };
  const results = (await runStudy({ ...options, listen: (event) => events.push(event) })) as Results;
  const of = (id: string) => results.saes.filter((sae) => sae.id.startsWith(id));
  expect(of('layer0.plus.good').every((sae) => sae.divergedAt === undefined && sae.fit)).toBe(true);
  const wild = of('layer0.plus.wild');
  expect(wild).toHaveLength(3);
  for (const { divergedAt, numerics, fit } of wild) {
    // Between two snapshots where nothing more can be learnt, else at the end of the epoch.
    expect(divergedAt).toBe(what.includes('NaN') ? 2 : 8);
    expect(fit).toBeUndefined();
    expect(numerics.nan + numerics.inf > 0).toBe(what.includes('NaN'));
  }
  const group = results.groups.find(({ id }) => id === 'layer0.plus.wild') as Results['groups'][number];
  expect(group.metrics).toEqual({});
  const finding = group.findings.find(({ id }) => id === 'numerics.non-finite') as FindingResult;
  expect(finding).toMatchObject({ verdict: 'supported', evidence: { diverged: 3, excluded: 3 } });
  expect(describeFinding(finding, group).summary).toContain('3 of 3 training runs diverged and were stopped');
  expect(results.groups[0].metrics['decoder.max']?.n).toBe(3);
  expect(events.filter((e) => e.type === 'note' && e.text.includes('has diverged in epoch 1'))).toHaveLength(
    6,
  );
  expect(renderMarkdown(results)).toContain(`layer0.plus.wild.seed1 (after step ${wild[0].divergedAt})`);
  // It is finished for good: nothing trains it again.
  const again: StudyEvent[] = [];
  const repeated = await runStudy({ ...options, listen: (event) => again.push(event) });
  expect(again.some((e) => e.type === 'note')).toBe(false);
  expect({ ...repeated, createdAt: '' }).toEqual({ ...results, createdAt: '' });
  const record = await readFile(join(study.out, 'saes', wild[0].id, 'cfg.json'), 'utf8');
  expect(JSON.parse(record).metadata.reseed).toMatchObject({ divergedAt: wild[0].divergedAt });
});
