// What relu, jumprelu and gated have in common: how their runs start and take steps, by a rule of the kernel each.
import { defined } from '../../defined.js';
import {
  type DenseArrays,
  type DenseHyper,
  type DenseArchitecture as DenseRule,
  type DenseState,
  perFeatureNames,
} from '../../kernel/dense.js';
import type { Kernel } from '../../kernel/interface.js';
import type { Activation } from '../../sae/sae.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { Advance, DenseArchitecture, Needs, OwnOf, SaeBase } from '../architecture.js';
import { type Pace, stepsInAll } from '../pace.js';
import type { DenseRules } from '../rules.js';
import { rateFactor, scheduled, warmUpFactor, warmUpWithin } from '../schedule.js';
import type { Axes } from '../setting.js';
import { type AdamState, type Parameters, startState, weightsOf } from '../state.js';

/** What an architecture with a penalty has of its own. */
interface DenseDesign<Name extends string, A extends Axes, N extends Needs>
  extends Omit<DenseArchitecture<Name, A, N>, 'family' | 'start' | 'trainer' | 'toSae'> {
  /** The kernel's, which has its codes and its loss. */
  readonly rule: DenseRule;
  /** What the loss takes of the settings. */
  penalty(own: OwnOf<A, N>): Penalty;
  /** What the encoder's bias is called; `encoderBias` where it is absent. */
  readonly encoderBias?: string;
  /** Parameters with one entry a feature besides that bias, at the start. */
  perFeature?(sae: SaeBase & OwnOf<A, N>, rules: DenseRules): Readonly<Record<string, Float32Array>>;
  /** How the trained SAE makes codes. */
  activation(weights: Parameters): Activation;
}

interface Penalty {
  /** λ; 1 where only a target is given. */
  readonly sparsity?: number;
  readonly targetL0?: number;
}

export function denseArchitecture<const Name extends string, A extends Axes, const N extends Needs>({
  rule,
  penalty,
  encoderBias = 'encoderBias',
  perFeature,
  activation,
  ...design
}: DenseDesign<Name, A, N>): DenseArchitecture<Name, A, N> {
  return {
    ...design,
    family: 'dense',
    start: (sae, rules, weights) =>
      startState(weights, { encoderBias, perFeature: perFeature?.(sae, rules) ?? {} }),
    trainer: (sae, rules, x, pace, kernel) => denseTrainer(rule, penalty(sae), rules, x, pace, kernel),
    toSae: ({ architecture }, { hyper }, state) => ({
      architecture,
      activation: activation(state.adam.weights),
      subtractDecoderBias: hyper.subtractDecoderBias,
      ...weightsOf(state, encoderBias),
    }),
  };
}

/** What takes steps on X [N×d]. */
function denseTrainer(
  architecture: DenseRule,
  { sparsity = 1, targetL0 }: Penalty,
  rules: DenseRules,
  x: Matrix,
  pace: Pace,
  kernel: Kernel,
): Advance {
  const steps = stepsInAll(pace, x.rows);
  const rate = { warmUp: warmUpWithin(rules.warmUp, steps), steps, decayFrom: pace.decayFrom };
  const sparsityWarmUp = warmUpWithin(rules.sparsityWarmUp, steps);
  const hyper: DenseHyper = {
    ...rules.hyper,
    architecture,
    ...defined({ targetL0 }),
  };
  return async (tasks) => {
    const kernelTasks = tasks.map(({ state: { adam }, batches }) => ({
      state: denseState(adam, architecture),
      batches,
      learningRates: scheduled(adam.step, batches.length, (s) => pace.learningRate * rateFactor(s, rate)),
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
function denseState(adam: AdamState, architecture: DenseRule): DenseState {
  const of = (arrays: Parameters): DenseArrays<Float32Array> => ({
    encoder: arrays.encoder,
    decoder: arrays.decoder,
    decoderBias: arrays.decoderBias,
    perFeature: perFeatureNames[architecture].map((name) => arrays[name]),
  });
  const { features, width, weights, first, second, step } = adam;
  return { features, width, weights: of(weights), first: of(first), second: of(second), step };
}
