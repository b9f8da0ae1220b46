// Every architecture by every recipe that is defined for it: seeds together or alone, stopped and resumed, written and read.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { encode } from '../../src/sae/encode.js';
import { measureFit } from '../../src/sae/fit.js';
import { openSae } from '../../src/sae/open-sae.js';
import { encodeSaelens, saelensFiles } from '../../src/sae/sources/saelens-write.js';
import { Rng, zeros } from '../../src/tensor/index.js';
import { architectureNames, architectures } from '../../src/training/architectures/registry.js';
import { type TrainingRun, train } from '../../src/training/loop.js';
import type { TrainingPlan } from '../../src/training/plan.js';
import { notTrained, type Recipe } from '../../src/training/recipe.js';
import { recipeNames, recipes } from '../../src/training/recipes/registry.js';
import { saeOf, startRun } from '../../src/training/sae-in-training.js';
import { readTrainingState, type TrainingState, trainingStatePieces } from '../../src/training/state.js';
import { settingsFor } from './settings-for.js';

const kernel = createPortableKernel({ threads: 2 });
afterAll(() => kernel.close());

const d = 8;
const dSae = 24;
/** Rows that few directions make up, so that there is something to learn. */
const x = zeros(48, d);
const directions = zeros(12, d);
new Rng(5, 'directions').fillNormal(directions.data);
const draw = new Rng(5, 'x');
for (let i = 0; i < x.rows; i++) {
  for (let n = 0; n < 2; n++) {
    const from = draw.below(12);
    const size = 0.5 + draw.uniform();
    for (let j = 0; j < d; j++) x.data[i * d + j] += size * directions.data[from * d + j];
  }
}

const pairs = recipeNames.flatMap((recipe) =>
  architectureNames
    .map((architecture) => ({ recipe, architecture, sae: settingsFor(recipe, architecture, dSae) }))
    .filter(({ sae }) => notTrained(recipes[recipe], sae) === undefined),
);

function bytes(state: TrainingState): string {
  return Buffer.concat([...trainingStatePieces(state, 'key')]).toString('base64');
}

it('are all there', () => {
  const defined = recipeNames.map((name) => Object.keys(recipes[name].trains ?? architectures).length);
  expect(defined[0]).toBeGreaterThan(5);
  expect(pairs).toHaveLength(defined.reduce((sum, count) => sum + count, 0));
});

describe.each(pairs)('$architecture by $recipe', ({ recipe, sae }) => {
  const plan: TrainingPlan = { sae, recipe: recipes[recipe], epochs: 4, batchSize: 16, learningRate: 1e-2 };
  const run = (initSeed: number, orderSeed: number): TrainingRun => ({
    id: `${initSeed}-${orderSeed}`,
    orderSeed,
    state: startRun(plan, initSeed, d, x),
  });
  const fitOf = async (state: TrainingState) => {
    const trained = saeOf(state, plan);
    return measureFit(trained, x, await encode(trained, x, kernel));
  };

  it('learns', async () => {
    const one = run(1, 1);
    const before = await fitOf(one.state);
    await train(x, [one], { ...plan, epochs: 60 }, kernel);
    const after = await fitOf(one.state);
    expect(after.explainedVariance).toBeGreaterThan(before.explainedVariance);
    expect(after.explainedVariance).toBeGreaterThan(0.5);
    expect(after.l0).toBeLessThan(dSae * 0.75);
  });

  it('gives the same bytes alone, beside others in any order, and after a stop', async () => {
    const alone = run(1, 9);
    await train(x, [alone], plan, kernel);
    const together = [run(3, 4), run(1, 9), run(2, 9)];
    await train(x, together, plan, kernel);
    expect(bytes(together[1].state)).toBe(bytes(alone.state));
    expect(new Set(together.map(({ state }) => bytes(state))).size).toBe(3);

    const stopped = run(1, 9);
    const cancel = new AbortController();
    const stop = train(x, [stopped], plan, kernel, {
      signal: cancel.signal,
      onEpoch: (_, epoch) => {
        if (epoch === 2) cancel.abort();
      },
    });
    await expect(stop).rejects.toMatchObject({ code: 'internal.cancelled' });
    const file = join(await mkdtemp(join(tmpdir(), 'reseed-')), 'snapshot');
    await writeFile(file, trainingStatePieces(stopped.state, 'key'));
    const state = await readTrainingState(file, 'key', dSae, d);
    expect(bytes(state)).toBe(bytes(stopped.state));
    await train(x, [{ ...stopped, state }], plan, kernel);
    expect(bytes(state)).toBe(bytes(alone.state));
  });

  it('is written as SAELens has it, and read back with the same codes', async () => {
    const one = run(1, 1);
    await train(x, [one], plan, kernel);
    const trained = saeOf(one.state, plan);
    const folder = await mkdtemp(join(tmpdir(), 'reseed-'));
    const { weights, config } = encodeSaelens(trained, undefined);
    await writeFile(join(folder, saelensFiles.weights), weights);
    await writeFile(join(folder, saelensFiles.config), config);
    const read = await openSae(folder);
    expect(await encode(read.sae, x, kernel)).toEqual(await encode(trained, x, kernel));
  });
});

it('dead features are counted in what a snapshot keeps', async () => {
  const { saelens } = recipes;
  const topK: Recipe['topK'] = (_, width) => {
    const own = saelens.topK?.(settingsFor('saelens', 'topk', dSae), width, 'row');
    if (!own?.hyper.auxiliary) throw new Error('SAELens counts dead features');
    const auxiliary = { ...own.hyper.auxiliary, dead: { ...own.hyper.auxiliary.dead, window: 2 } };
    return { ...own, hyper: { ...own.hyper, auxiliary } };
  };
  const sae = settingsFor('saelens', 'topk', dSae);
  const plan = { sae, recipe: { ...saelens, topK }, epochs: 2, batchSize: 4, learningRate: 1e-3 };
  const state = startRun(plan, 1, d, x);
  await train(x, [{ id: 'one', orderSeed: 1, state }], plan, kernel);
  expect(state.adam.sinceFired.some((count) => count > 0)).toBe(true);
  const file = join(await mkdtemp(join(tmpdir(), 'reseed-')), 'snapshot');
  await writeFile(file, trainingStatePieces(state, 'key'));
  expect((await readTrainingState(file, 'key', dSae, d)).adam.sinceFired).toEqual(state.adam.sinceFired);
});
