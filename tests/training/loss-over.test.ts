// What a record says that the losses of a training are means of is what they are, for every recipe and architecture.
import { afterAll, expect, test } from 'vitest';
import { selectKernel } from '../../src/kernel/select.js';
import { encode } from '../../src/sae/encode.js';
import { measureFit } from '../../src/sae/fit.js';
import { Rng } from '../../src/tensor/index.js';
import type { SaeSettings } from '../../src/training/architectures/registry.js';
import { train } from '../../src/training/loop.js';
import { notTrained } from '../../src/training/recipe.js';
import { type RecipeName, recipeNames, recipes } from '../../src/training/recipes/registry.js';
import { lossOverOf, saeOf, startRun } from '../../src/training/sae-in-training.js';
import { atoms, sparseSums } from '../zoo/data.js';

const kernel = selectKernel({ threads: 1 });
afterAll(() => kernel.close());

const [d, dSae] = [64, 128];
const settings: readonly SaeSettings[] = [
  { architecture: 'topk', dSae, k: 8 },
  { architecture: 'batchtopk', dSae, k: 8 },
  { architecture: 'relu', dSae, sparsity: 0.01 },
  { architecture: 'gated', dSae, sparsity: 0.01 },
  { architecture: 'jumprelu', dSae, sparsity: 0.01 },
  { architecture: 'jumprelu', dSae, targetL0: 8, sparsity: 1 },
];

const all = recipeNames.flatMap((name) =>
  settings
    .filter((sae) => notTrained(recipes[name], sae) === undefined)
    .map((sae): [RecipeName, SaeSettings] => [name, sae]),
);

test('there are some of every recipe', () => {
  expect(new Set(all.map(([name]) => name))).toEqual(new Set(recipeNames));
});

test.each(all)('%s, %o', async (name, sae) => {
  const rng = new Rng(1, 'loss-over');
  const x = sparseSums(atoms(dSae, d, rng), { rows: 512, active: 8, noise: 0.01 }, rng);
  const plan = { sae, recipe: recipes[name], epochs: 20, batchSize: 64, learningRate: 1e-3 };
  const state = startRun(plan, 1, d, x);
  await train(x, [{ id: 's', orderSeed: 1, state }], plan, kernel);
  const trained = saeOf(state, plan);
  const { mse } = measureFit(trained, x, await encode(trained, x, kernel));
  const over = lossOverOf(plan, d);
  expect(over).toBeDefined();
  // Steps go on within an epoch, and a threshold is not what a batch keeps: within a factor of two, where a wrong unit is one of 64.
  const ratio = state.losses.at(-1)! / (over === 'rows' ? d : 1) / mse;
  expect(Math.abs(Math.log2(ratio))).toBeLessThan(1);
});

test('a loss over several prefixes is the mean of nothing', () => {
  const sae = { architecture: 'matryoshka-batchtopk', dSae, k: 8, groups: [64, 128] } as const;
  expect(lossOverOf({ sae, recipe: recipes['dictionary-learning'] }, d)).toBeUndefined();
});
