// What topk, batchtopk and matryoshka-batchtopk have in common: how their runs take steps, and the SAEs that they are.
import type { Kernel } from '../../kernel/interface.js';
import type { RunningThreshold, TopKHyper, TopKState, TopKWeights } from '../../kernel/top-k.js';
import type { Sae, SaeWeights } from '../../sae/sae.js';
import { type Matrix, rowNorms, sharedFloat32, zeros } from '../../tensor/matrix.js';
import type { Advance, OwnOf, SaeBase, TopKArchitecture } from '../architecture.js';
import { type Pace, stepsInAll } from '../pace.js';
import type { Selection, TopKRules } from '../rules.js';
import { rateFactor, scheduled, warmUpWithin } from '../schedule.js';
import type { Axes } from '../setting.js';
import { sampleOf } from '../start-weights.js';
import { type AdamState, startState, type TrainingState, weightsOf } from '../state.js';

/** What an architecture that keeps features has of its own. */
interface TopKDesign<Name extends string, A extends Axes>
  extends Omit<TopKArchitecture<Name, A>, 'family' | 'needs' | 'trainer'> {
  keeps(own: OwnOf<A>): Kept;
}

interface Kept {
  /** Features of a row, or of a row on the average of a batch. */
  readonly k: number;
  /** Nested prefixes of the features, of which each has a loss of its own; absent: only the whole has one. */
  readonly prefixes?: readonly number[];
}

export function topKArchitecture<const Name extends string, A extends Axes>({
  keeps,
  ...design
}: TopKDesign<Name, A>): TopKArchitecture<Name, A> {
  const { selection } = design;
  return {
    ...design,
    family: 'top-k',
    needs: 'all',
    trainer: (sae, rules, x, pace, kernel) =>
      topKTrainer({ dSae: sae.dSae, selection, ...keeps(sae) }, rules, x, pace, kernel),
  };
}

/** What takes steps on X [N×d]. */
function topKTrainer(
  { dSae, selection, k, prefixes }: Kept & { readonly dSae: number; readonly selection: Selection },
  rules: TopKRules,
  x: Matrix,
  pace: Pace,
  kernel: Kernel,
): Advance {
  const steps = stepsInAll(pace, x.rows);
  const warmUp = warmUpWithin(rules.warmUp, steps);
  const rate = { warmUp, steps, decayFrom: pace.decayFrom };
  const scale = rules.divideByVariance ? 1 / variance(sampleOf(x)) : 1;
  const plainLoss = !prefixes && !rules.divideByVariance;
  const hyper: TopKHyper = {
    ...rules.hyper,
    k,
    selection,
    levels: plainLoss ? [] : levelsOf(prefixes ?? [dSae], rules, scale),
    ...(selection === 'batch' ? { threshold: runningThreshold(rules, steps) } : {}),
  };
  return async (tasks) => {
    const kernelTasks = tasks.map(({ state: { adam }, batches }) => ({
      state: topKState(adam),
      batches,
      learningRates: scheduled(adam.step, batches.length, (s) => pace.learningRate * rateFactor(s, rate)),
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

/** What the loss of each of these prefixes weighs. */
function levelsOf(sizes: readonly number[], { levelWeight }: TopKRules, scale: number): TopKHyper['levels'] {
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

/** A run whose running threshold starts where its recipe has it. */
export function startWithThreshold(_: SaeBase, { threshold }: TopKRules, weights: SaeWeights): TrainingState {
  return startState(weights, { threshold: threshold.start });
}

/**
 * An SAE that encodes by its running threshold, as BatchTopK does once it is trained; by the k largest of each row as long
 * as it has none.
 */
export function thresholdSae(
  { architecture, k }: SaeBase & Kept,
  rules: TopKRules,
  state: TrainingState,
): Sae {
  const { threshold, features } = state.adam;
  return {
    architecture,
    activation:
      threshold < 0
        ? { kind: 'topk', k, relu: true }
        : { kind: 'jumprelu', threshold: sharedFloat32(features).fill(threshold) },
    subtractDecoderBias: rules.hyper.subtractDecoderBias,
    ...rankedWeights(state, rules),
  };
}
