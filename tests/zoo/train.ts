// SAEs that were really trained: reseed's own recipe and loop, small enough for a second.
import { defined } from '../../src/defined.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { encode } from '../../src/sae/encode.js';
import type { Member } from '../../src/sae/member.js';
import type { Sae, SaeWeights } from '../../src/sae/sae.js';
import type { SparseCodes } from '../../src/tensor/index.js';
import type { Matrix } from '../../src/tensor/matrix.js';
import { train } from '../../src/training/loop.js';
import type { TrainingPlan } from '../../src/training/plan.js';
import { plain } from '../../src/training/recipes/plain.js';
import { lossOverOf, saeOf, startRun } from '../../src/training/sae-in-training.js';
import { startState, weightsOf } from '../../src/training/state.js';

export interface Shape {
  readonly features: number;
  readonly k: number;
  readonly epochs: number;
  readonly learningRate: number;
}

export interface Seeds {
  readonly init: number;
  readonly order: number;
}

/** An SAE, where it started, its codes on the activations it was trained on, its steps and its mean loss per epoch. */
export interface Trained {
  readonly sae: Sae;
  readonly init: SaeWeights;
  readonly codes: SparseCodes;
  readonly steps: number;
  readonly losses: readonly number[];
}

const batchSize = 64;

/** Trains one SAE per entry of `seeds` on x [N×d], from the start that the plain recipe draws. */
export function trained(
  x: Matrix,
  shape: Shape,
  seeds: readonly Seeds[],
  kernel: Kernel,
): Promise<Trained[]> {
  const starts = seeds.map(({ init, order }) => ({ start: plain.init(init, x.cols, shape.features), order }));
  return trainedFrom(x, shape, starts, kernel);
}

/** The same from any weights. */
export async function trainedFrom(
  x: Matrix,
  { features, k, epochs, learningRate }: Shape,
  starts: readonly { readonly start: SaeWeights; readonly order: number }[],
  kernel: Kernel,
): Promise<Trained[]> {
  const runs = starts.map(({ start, order }, i) => ({
    id: `s${i}`,
    orderSeed: order,
    state: startState(start),
  }));
  const sae = { architecture: 'topk', dSae: features, k } as const;
  await train(x, runs, { sae, recipe: plain, epochs, batchSize, learningRate }, kernel);
  return Promise.all(
    runs.map(async ({ state }, i) => {
      const sae = asSae(weightsOf(state), k);
      return {
        sae,
        init: starts[i].start,
        codes: await encode(sae, x, kernel),
        steps: state.adam.step,
        losses: state.losses,
      };
    }),
  );
}

/** Weights as the TopK SAE that the plain recipe trains. */
export function asSae(weights: SaeWeights, k: number): Sae {
  const sae = { architecture: 'topk', dSae: weights.decoder.rows, k } as const;
  return saeOf(startState(weights), { sae, recipe: plain });
}

/** Three SAEs by any recipe and architecture, as members of a group. */
export async function trainedBy(
  plan: TrainingPlan,
  x: Matrix,
  seed: number,
  kernel: Kernel,
): Promise<Member[]> {
  const runs = Array.from({ length: 3 }, (_, i) => {
    const init = 1000 * seed + i;
    return { id: `s${i}`, init, orderSeed: init + 500, state: startRun(plan, init, x.cols, x) };
  });
  await train(x, runs, plan, kernel);
  const lossOver = lossOverOf(plan, x.cols);
  return Promise.all(
    runs.map(async ({ id, init, state }) => {
      const sae = saeOf(state, plan);
      return {
        id,
        sae,
        init: plan.recipe.init(init, x.cols, plan.sae.dSae, plan.sae),
        training: { steps: state.adam.step, losses: state.losses, ...defined({ lossOver }) },
        codes: await encode(sae, x, kernel),
      };
    }),
  );
}
