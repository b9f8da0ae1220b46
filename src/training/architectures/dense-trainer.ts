// How runs of relu, jumprelu and gated take steps: their recipe's rules as options of the kernel.
import {
  type DenseArchitecture,
  type DenseArrays,
  type DenseHyper,
  type DenseState,
  perFeatureNames,
} from '../../kernel/dense.js';
import type { Kernel } from '../../kernel/interface.js';
import type { Matrix } from '../../tensor/matrix.js';
import { type Advance, type SaePlan, stepsInAll, type TrainingPlan } from '../architecture.js';
import type { DenseRules } from '../recipe.js';
import { rateFactor, scheduled, warmUpFactor, warmUpWithin } from '../schedule.js';
import type { AdamState, Parameters } from '../state.js';

/** The rules of a recipe for one of the three. */
export function denseRules({ recipe, sae }: SaePlan, d: number): DenseRules {
  return recipe.rules(sae, d) as DenseRules;
}

/** What takes their steps on X [N×d]. */
export function denseTrainer(
  x: Matrix,
  plan: TrainingPlan,
  kernel: Kernel,
  architecture: DenseArchitecture,
): Advance {
  const rules = denseRules(plan, x.cols);
  const steps = stepsInAll(plan, x.rows);
  const rate = { warmUp: warmUpWithin(rules.warmUp, steps), steps, decayFrom: plan.decayFrom };
  const sparsityWarmUp = warmUpWithin(rules.sparsityWarmUp, steps);
  const { sparsity = 1, targetL0 } = plan.sae;
  const hyper: DenseHyper = {
    ...rules.hyper,
    architecture,
    ...(targetL0 === undefined ? {} : { targetL0 }),
  };
  return async (tasks) => {
    const kernelTasks = tasks.map(({ state: { adam }, batches }) => ({
      state: denseState(adam, architecture),
      batches,
      learningRates: scheduled(adam.step, batches.length, (s) => plan.learningRate * rateFactor(s, rate)),
      sparsities: scheduled(adam.step, batches.length, (s) => sparsity * warmUpFactor(s, sparsityWarmUp)),
    }));
    const losses = await kernel.trainDense(x, kernelTasks, hyper);
    tasks.forEach(({ state: { adam } }, t) => {
      adam.step = kernelTasks[t].state.step;
    });
    return losses.map((own) => ({
      total: own.map(({ total }) => total),
      reconstruction: own.map(({ reconstruction }) => reconstruction),
    }));
  };
}

/** The same arrays as the kernel wants them. */
function denseState(adam: AdamState, architecture: DenseArchitecture): DenseState {
  const of = (arrays: Parameters): DenseArrays<Float32Array> => ({
    encoder: arrays.encoder,
    decoder: arrays.decoder,
    decoderBias: arrays.decoderBias,
    perFeature: perFeatureNames[architecture].map((name) => arrays[name]),
  });
  const { features, width, weights, first, second, step } = adam;
  return { features, width, weights: of(weights), first: of(first), second: of(second), step };
}
