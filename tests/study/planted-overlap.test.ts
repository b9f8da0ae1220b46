// The planted study in small: scores, corrected for chance, rise with the overlap and come near it.
import { afterAll, expect, it } from 'vitest';
import { plantedWorld } from '../../src/activations/planted.js';
import { plantedPlans } from '../../src/activations/planted-plans.js';
import { measureGroup, type SaeToMeasure } from '../../src/compare/measure-group.js';
import { measureTruth } from '../../src/diagnosis/index.js';
import { selectKernel } from '../../src/kernel/select.js';
import { recoveryOf } from '../../src/report/recovery.js';
import { groupResult, saeResults } from '../../src/results/measured-group.js';
import { truthResult } from '../../src/results/truth-result.js';
import { train } from '../../src/training/loop.js';
import { plain } from '../../src/training/recipes/plain.js';
import { startState, weightsOf } from '../../src/training/state.js';

const kernel = selectKernel({ threads: 2 });
afterAll(() => kernel.close());

const axes = { features: 64, dModel: 48, rows: 1024, active: 4, noise: 0.3, overlap: [0, 0.5, 1], seed: 2 };
const seeds = [1, 2, 3];
const k = 4;

it('a score that tells the truth reads the overlap', async () => {
  const options = { kernel, seed: 0, draws: 3 };
  const measured = [];
  for (const { id, plan, condition } of plantedPlans(axes)) {
    const worlds = seeds.map((seed) => ({ seed, ...plantedWorld(plan, seed) }));
    const saes: SaeToMeasure[] = [];
    for (const { seed, x } of worlds) {
      const init = plain.init(seed, plan.dModel, plan.features);
      const state = startState(init);
      const schedule = {
        sae: { architecture: 'topk', dSae: plan.features, k },
        recipe: plain,
        epochs: 80,
        batchSize: 128,
        learningRate: 1e-2,
      } as const;
      await train(x, [{ id: `${id}.${seed}`, orderSeed: seed, state }], schedule, kernel);
      saes.push({
        id: `${id}.${seed}`,
        sae: {
          ...weightsOf(state),
          architecture: 'topk',
          activation: { kind: 'topk', k, relu: false },
          subtractDecoderBias: false,
        },
        init,
        activations: x,
        origin: { format: 'memory' },
      });
    }
    const group = (await measureGroup({ id, saes, x: worlds[0].x }, options)).measured;
    const truth = (await measureTruth(
      id,
      saes,
      { dictionaries: new Map(saes.map((s, i) => [s.id, worlds[i].dictionary])), shared: worlds[0].shared },
      options,
    ))!;
    measured.push({
      group: groupResult(group, { truth: truthResult(truth, condition) }),
      saes: saeResults(group),
    });
  }
  const groups = measured.map(({ group }) => group);
  const { conditions, scores } = recoveryOf({ groups, saes: measured.flatMap((m) => m.saes) })!;
  expect(conditions).toHaveLength(1);
  const of = Object.fromEntries(scores);
  for (const id of ['decoder.matched', 'decoder.max.live', 'activation.max.live'] as const) {
    expect.soft(of[id], id).toMatchObject({ rises: true, n: 3 });
    expect.soft(of[id].error, id).toBeLessThan(0.2);
    // What is off is what the SAEs did not find: nothing where nothing is shared.
    expect.soft(Math.abs(groups[0].metrics[id]!.corrected!), id).toBeLessThan(0.05);
  }
  const truths = groups.map(({ truth }) => truth!);
  for (const { overlap, both07, saes } of truths) {
    expect(both07).toBeLessThanOrEqual(overlap);
    expect(both07).toBeGreaterThan(0.6 * overlap - 1e-9);
    for (const { corrected } of saes) expect(corrected).toBeGreaterThan(0.7);
  }
}, 120_000);
