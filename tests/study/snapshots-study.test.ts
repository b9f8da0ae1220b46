// Studies that look into training: scores at each snapshot, and a cross of init and order seeds.
import { afterAll, expect, it } from 'vitest';
import { selectKernel } from '../../src/kernel/select.js';
import { decoderMatched } from '../../src/metrics/index.js';
import type { Results } from '../../src/results/results.js';
import { varianceResult } from '../../src/results/variance-result.js';
import { openSae } from '../../src/sae/open-sae.js';
import { mean } from '../../src/stats/index.js';
import { runStudy } from '../../src/study/run.js';
import { snapshotFolder } from '../../src/study/train-stage.js';
import { tinyStudy } from './tiny-study.js';

const kernel = selectKernel({ threads: 2 });
afterAll(() => kernel.close());

it('a study with snapshots follows its scores over training', async () => {
  const { file, out } = await tinyStudy([
    ['epochs: 40', 'steps: 12, snapshots: log'],
    ['[plus, equals]', '[equals]'],
    ['quick: { epochs: 2 }', 'quick: { steps: 12 }'],
  ]);
  const results = (await runStudy({ file, out, kernel })) as Results;
  const [{ trajectory, metrics, saes }] = results.groups;
  expect(trajectory?.points.map(({ step }) => step)).toEqual([0, 1, 2, 4, 8, 12]);
  for (const id of ['decoder.max', 'decoder.max.live', 'decoder.matched', 'activation.max.live'] as const) {
    const last = trajectory?.points.at(-1)?.metrics[id];
    // The same score of the same weights, whichever way it came about.
    expect(last?.mean).toBe(metrics[id]?.mean);
    expect(last?.null?.mean).toBe(metrics[id]?.null?.mean);
  }
  // At a snapshot, the score is that of the checkpoints which lie there.
  const folders = saes.map((id) => snapshotFolder(`${out}/saes/${id}`, 4));
  const members = await Promise.all(folders.map(async (at) => ({ id: at, sae: (await openSae(at)).sae })));
  const matched = await decoderMatched(members, kernel);
  const atFour = trajectory?.points[3].metrics['decoder.matched'];
  expect(atFour?.mean).toBe(mean((matched?.pairs ?? []).map(({ value }) => value)));
  // Before training every row stands where it was drawn.
  expect(trajectory?.points[0].initCosine).toBeCloseTo(1, 6);
  expect(trajectory?.points.map(({ loss }) => loss)).toEqual(
    [...(trajectory?.points ?? [])].map(({ loss }) => loss).sort((a, b) => (b as number) - (a as number)),
  );
  expect(trajectory?.judgements.map(({ metric }) => metric)).toContain('decoder.matched');
  const again = (await runStudy({ file, out, kernel })) as Results;
  expect(again.groups[0].trajectory).toEqual(trajectory);
});

it('a full cross of seeds says what each explains', async () => {
  const { file, out } = await tinyStudy([
    ['epochs: 40', 'epochs: 4'],
    ['[plus, equals]', '[equals]'],
    ['init: [1, 2, 3]', 'init: [1, 2, 3], order: { cross: [7, 8, 9] }'],
  ]);
  const results = (await runStudy({ file, out, kernel })) as Results;
  const [{ variance, metrics, saes }] = results.groups;
  expect(saes).toHaveLength(9);
  const members = saes.map((id) => {
    const [, init, order] = /init(\d+)-order(\d+)$/.exec(id) as RegExpExecArray;
    return { id, initSeed: Number(init), orderSeed: Number(order) };
  });
  expect(variance).toEqual(varianceResult(metrics, members));
  const { kinds, shares } = variance?.['decoder.matched'] ?? {};
  expect([kinds?.init.n, kinds?.order.n, kinds?.both.n]).toEqual([9, 9, 18]);
  expect((shares?.init.value ?? 0) + (shares?.order.value ?? 0) + (shares?.either.value ?? 0)).toBeCloseTo(
    1,
    12,
  );
  // Without a cross there is nothing to tell apart.
  const plain = await tinyStudy([['epochs: 40', 'epochs: 1']]);
  const [group] = ((await runStudy({ file: plain.file, out: plain.out, kernel })) as Results).groups;
  expect(group.variance).toBeUndefined();
  expect(group.trajectory).toBeUndefined();
});
