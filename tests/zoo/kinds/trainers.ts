// Healthy kinds by the trainers that people use: the recipes of the packages, each architecture that they train, on planted data.
//
// That a recipe takes the steps of its package's own trainer is held elsewhere (bench/parity.mjs). Here the question is whether
// what these trainers leave behind, as unit rows, thresholds and features without a penalty, is taken for an artefact.
import type { SaeSettings } from '../../../src/training/architectures/registry.js';
import { type RecipeName, recipes } from '../../../src/training/recipes/registry.js';
import { square } from '../bases.js';
import type { Kind } from '../case.js';
import { atoms, sparseSums } from '../data.js';
import { trainedBy } from '../train.js';

interface Trainer {
  readonly recipe: RecipeName;
  readonly sae: SaeSettings;
  readonly learningRate: number;
}

const { features: dSae, k } = square;

/** The learning rates are those at which 5,000 steps are enough for so small a world. */
const trainers: readonly Trainer[] = [
  { recipe: 'dictionary-learning', sae: { architecture: 'topk', dSae, k }, learningRate: 4e-3 },
  { recipe: 'dictionary-learning', sae: { architecture: 'batchtopk', dSae, k }, learningRate: 4e-3 },
  {
    recipe: 'dictionary-learning',
    sae: { architecture: 'matryoshka-batchtopk', dSae, k, groups: [16, 32, 64] },
    learningRate: 4e-3,
  },
  { recipe: 'dictionary-learning', sae: { architecture: 'relu', dSae, sparsity: 0.1 }, learningRate: 4e-3 },
  {
    recipe: 'dictionary-learning',
    sae: { architecture: 'jumprelu', dSae, targetL0: k, sparsity: 1 },
    learningRate: 4e-3,
  },
  { recipe: 'dictionary-learning', sae: { architecture: 'gated', dSae, sparsity: 0.6 }, learningRate: 4e-3 },
  { recipe: 'saelens', sae: { architecture: 'topk', dSae, k }, learningRate: 4e-3 },
  { recipe: 'saelens', sae: { architecture: 'batchtopk', dSae, k }, learningRate: 4e-3 },
  { recipe: 'saelens', sae: { architecture: 'relu', dSae, sparsity: 0.1 }, learningRate: 4e-3 },
  { recipe: 'saelens', sae: { architecture: 'jumprelu', dSae, sparsity: 0.1 }, learningRate: 4e-3 },
  { recipe: 'openai', sae: { architecture: 'topk', dSae, k }, learningRate: 4e-3 },
];

export const trainerKinds: readonly Kind[] = trainers.map(({ recipe, sae, learningRate }) => ({
  name: `healthy-${recipe}-${sae.architecture}`,
  truth: { healthy: true, verdict: ['reproducible'] },
  async make(workshop) {
    const x = await workshop.once('data of trainers', async () => {
      const rng = workshop.rng('trainers');
      return sparseSums(
        atoms(square.atoms, square.d, rng),
        { rows: square.rows, active: k, noise: 0.02 },
        rng,
      );
    });
    const plan = { sae, recipe: recipes[recipe], epochs: 320, batchSize: 64, learningRate };
    const members = await trainedBy(plan, x, workshop.seed, workshop.kernel);
    return { x, members };
  },
}));
