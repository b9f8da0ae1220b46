// A group whose SAEs read worlds of their own: each is encoded and fitted on its own rows, and compared row by row.
import { afterAll, expect, it } from 'vitest';
import { plantedWorld } from '../../src/activations/planted.js';
import { measureGroup } from '../../src/compare/measure-group.js';
import { selectKernel } from '../../src/kernel/select.js';
import { activationMax } from '../../src/metrics/index.js';
import { encode } from '../../src/sae/encode.js';
import { measureFit } from '../../src/sae/fit.js';
import type { Sae } from '../../src/sae/sae.js';
import { train } from '../../src/training/loop.js';
import { plain } from '../../src/training/recipes/plain.js';
import { startState, weightsOf } from '../../src/training/state.js';

const kernel = selectKernel({ threads: 2 });
afterAll(() => kernel.close());

const world = {
  features: 32,
  dModel: 24,
  rows: 512,
  active: 2,
  firing: 'exactly',
  zipf: 0,
  noise: 0.1,
  overlap: 0.5,
  seed: 4,
} as const;

async function trained(seed: number) {
  const { x: activations } = plantedWorld(world, seed);
  const init = plain.init(seed, world.dModel, world.features);
  const state = startState(init);
  const plan = {
    sae: { architecture: 'topk', dSae: world.features, k: 2 },
    recipe: plain,
    epochs: 40,
    batchSize: 64,
    learningRate: 1e-2,
  } as const;
  await train(activations, [{ id: `s${seed}`, orderSeed: seed, state }], plan, kernel);
  const sae: Sae = {
    ...weightsOf(state),
    architecture: 'topk',
    activation: { kind: 'topk', k: 2, relu: false },
    subtractDecoderBias: false,
  };
  return { id: `s${seed}`, sae, init, activations, origin: { format: 'memory' } };
}

it('measures each SAE on its own world', async () => {
  const saes = [await trained(1), await trained(2), await trained(3)];
  const x = saes[0].activations;
  const options = { kernel, seed: 0, draws: 3 };
  const { evidence } = (await measureGroup({ id: 'g', saes, x }, options)).measured;
  const members = [];
  for (const { id, sae, activations } of saes) {
    const codes = await encode(sae, activations, kernel);
    members.push({ id, sae, codes });
    const fit = measureFit(sae, activations, codes);
    const found = evidence.members.find((m) => m.id === id)!.fit!;
    expect(found.l0).toBe(fit.l0);
    expect(found.mse / fit.mse).toBeCloseTo(1, 10);
    expect(found.explainedVariance).toBeCloseTo(fit.explainedVariance, 10);
    expect(fit.explainedVariance).toBeGreaterThan(0.7);
  }
  const scores = (await activationMax(members, kernel, { live: true }))!;
  expect(evidence.metrics['activation.max.live']!.pairs).toEqual(scores.pairs);
  // Read on the first world's rows alone, the others would not fit.
  const [, { sae }] = saes;
  expect(measureFit(sae, x, await encode(sae, x, kernel)).explainedVariance).toBeLessThan(0.6);
  // Before training nothing of the overlap shows: each starts on its own world too.
  const untrained = evidence.metrics['activation.max.live']!.otherNulls!.find((n) => n.kind === 'untrained')!;
  expect(untrained.mean).toBeLessThan(evidence.metrics['activation.max.live']!.mean);
}, 60_000);
