// How runs of topk, batchtopk and matryoshka-batchtopk take steps: their recipe's rules as options of the kernel.
import type { Kernel } from '../../kernel/interface.js';
import type { RunningThreshold, TopKHyper, TopKState, TopKWeights } from '../../kernel/top-k.js';
import type { Sae, SaeWeights } from '../../sae/sae.js';
import { type Matrix, rowNorms, sharedFloat32, zeros } from '../../tensor/matrix.js';
import { type Advance, type SaePlan, stepsInAll, type TrainingPlan } from '../architecture.js';
import type { TopKRules } from '../recipe.js';
import { rateFactor, scheduled, warmUpWithin } from '../schedule.js';
import { type AdamState, type TrainingState, weightsOf } from '../state.js';
import { sampleOf } from './start-weights.js';

/** What tells the three apart. */
export type TopKKind = Pick<TopKHyper, 'selection'> & { readonly groups?: readonly number[] };

/** The rules of a recipe for one of the three. */
export function topKRules({ recipe, sae }: SaePlan, d: number): TopKRules {
  return recipe.rules(sae, d) as TopKRules;
}

/** What takes their steps on X [N×d]. */
export function topKTrainer(x: Matrix, plan: TrainingPlan, kernel: Kernel, kind: TopKKind): Advance {
  const rules = topKRules(plan, x.cols);
  const steps = stepsInAll(plan, x.rows);
  const warmUp = warmUpWithin(rules.warmUp, steps);
  const rate = { warmUp, steps, decayFrom: plan.decayFrom };
  const scale = rules.divideByVariance ? 1 / variance(sampleOf(x)) : 1;
  const hyper: TopKHyper = {
    ...rules.hyper,
    k: plan.sae.k as number,
    selection: kind.selection,
    levels: levelsOf(plan, rules, kind, scale),
    ...(kind.selection === 'batch' ? { threshold: runningThreshold(rules, steps) } : {}),
  };
  return async (tasks) => {
    const kernelTasks = tasks.map(({ state: { adam }, batches }) => ({
      state: topKState(adam),
      batches,
      learningRates: scheduled(adam.step, batches.length, (s) => plan.learningRate * rateFactor(s, rate)),
    }));
    const losses = await kernel.trainTopK(x, kernelTasks, hyper);
    tasks.forEach(({ state: { adam } }, t) => {
      const { step, threshold } = kernelTasks[t].state;
      Object.assign(adam, { step, threshold });
    });
    return losses.map(({ reconstruction, auxiliary }) => ({
      total: Array.from(reconstruction, (loss, s) => loss + auxiliary[s]),
      reconstruction: Array.from(reconstruction, (loss) => loss / scale),
    }));
  };
}

/** None where the loss is the plain one. */
function levelsOf(
  { sae: { dSae } }: TrainingPlan,
  { levelWeight, divideByVariance }: TopKRules,
  { groups }: TopKKind,
  scale: number,
): TopKHyper['levels'] {
  if (!groups && !divideByVariance) return [];
  const sizes = groups ?? [dSae];
  return sizes.map((features) => ({ features, weight: levelWeight(sizes.length) * scale }));
}

/** Mean squared distance of the entries of X from the mean of their column. 1 where nothing varies. */
function variance({ rows, cols, data }: Matrix): number {
  const means = new Float64Array(cols);
  for (let i = 0; i < data.length; i++) means[i % cols] += data[i] / rows;
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i] - means[i % cols]) ** 2;
  return sum > 0 ? sum / data.length : 1;
}

/** A short run has its threshold from its half on at the latest, so that it has one at all. */
function runningThreshold({ threshold: { keep, after } }: TopKRules, steps: number): RunningThreshold {
  return { keep, from: warmUpWithin(after, steps) };
}

/** The same arrays as the kernel wants them. */
function topKState(adam: AdamState): TopKState {
  const of = ({ encoder, decoder, decoderBias, ...rest }: AdamState['weights']): TopKWeights => ({
    encoder,
    encoderBias: rest['encoderBias'],
    decoder,
    decoderBias,
  });
  return { ...adam, weights: of(adam.weights), first: of(adam.first), second: of(adam.second) };
}

/**
 * The weights as an SAE has them that ranks features by p_i: where they were ranked by ‖D_i‖·p_i, the norms move from the
 * decoder into the encoder, and reconstructions stay the same.
 */
export function rankedWeights(state: TrainingState, { hyper }: TopKRules): SaeWeights {
  const weights = weightsOf(state);
  if (!hyper.rankByDecoderNorm) return weights;
  const norms = rowNorms(weights.decoder).map((norm) => norm || 1);
  return {
    encoder: scaledRows(weights.encoder, (i) => norms[i]),
    encoderBias: sharedFloat32(norms.length).map((_, i) => weights.encoderBias[i] * norms[i]),
    decoder: scaledRows(weights.decoder, (i) => 1 / norms[i]),
    decoderBias: weights.decoderBias,
  };
}

function scaledRows({ rows, cols, data }: Matrix, by: (row: number) => number): Matrix {
  const out = zeros(rows, cols);
  for (let i = 0; i < data.length; i++) out.data[i] = data[i] * by(Math.floor(i / cols));
  return out;
}

/**
 * An SAE that encodes by its running threshold, as BatchTopK does once it is trained; by the k largest of each row as long
 * as it has none.
 */
export function thresholdSae(state: TrainingState, plan: SaePlan): Sae {
  const rules = topKRules(plan, state.adam.width);
  const { threshold, features } = state.adam;
  return {
    architecture: plan.sae.architecture,
    activation:
      threshold < 0
        ? { kind: 'topk', k: plan.sae.k as number, relu: true }
        : { kind: 'jumprelu', threshold: sharedFloat32(features).fill(threshold) },
    subtractDecoderBias: rules.hyper.subtractDecoderBias,
    ...rankedWeights(state, rules),
  };
}
