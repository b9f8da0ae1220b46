// Trains several SAEs on the same activations, epoch by epoch, in one pass over the data.
import { throwIfCancelled } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import { plainTopK } from '../kernel/top-k.js';
import type { Matrix } from '../tensor/matrix.js';
import { epochBatches } from './batches.js';
import type { Recipe } from './recipe.js';
import type { TrainingState } from './state.js';

export interface TrainingPlan {
  readonly recipe: Recipe;
  readonly k: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** One SAE to train: where it stands, and the seed of its data order. */
export interface TrainingRun {
  readonly id: string;
  readonly orderSeed: number;
  readonly state: TrainingState;
}

export interface TrainingHooks {
  readonly signal?: AbortSignal;
  /** After each epoch of the SAEs that took part in it; `epoch` counts from 1. */
  onEpoch?(runs: readonly TrainingRun[], epoch: number): void | Promise<void>;
}

/**
 * Brings every run to `plan.epochs` epochs, changing its state in place. Runs can stand at different epochs, as
 * after an interruption: those that lag catch up first. Every run's result depends on its own seeds alone.
 * @param x activations [N×d]
 * @throws internal.cancelled between two epochs once the signal is aborted
 */
export async function train(
  x: Matrix,
  runs: readonly TrainingRun[],
  plan: TrainingPlan,
  kernel: Kernel,
  { signal, onEpoch }: TrainingHooks = {},
): Promise<void> {
  const { recipe, k, batchSize, learningRate, epochs } = plan;
  const { beta1, beta2, epsilon, relu, subtractDecoderBias } = recipe;
  const hyper = { ...plainTopK, k, relu, subtractDecoderBias, beta1, beta2, epsilon };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const due = runs.filter((run) => run.state.losses.length === epoch);
    if (due.length === 0) continue;
    throwIfCancelled(signal);
    const orders = new Map<number, Int32Array[]>();
    const tasks = due.map(({ orderSeed, state }) => {
      const batches = orders.get(orderSeed) ?? epochBatches(orderSeed, epoch, x.rows, batchSize);
      orders.set(orderSeed, batches);
      return {
        state: state.adam,
        batches,
        learningRates: new Float64Array(batches.length).fill(learningRate),
      };
    });
    // A started epoch is finished, so that no state is ever left between two epochs.
    const losses = await kernel.trainTopK(x, tasks, hyper);
    due.forEach(({ state }, i) => {
      state.losses.push(epochLoss(losses[i].reconstruction, tasks[i].batches));
    });
    await onEpoch?.(due, epoch + 1);
  }
}

/** Mean loss over the rows of an epoch: batches weigh by their size. */
function epochLoss(losses: Float64Array, batches: readonly Int32Array[]): number {
  let sum = 0;
  let rows = 0;
  batches.forEach((batch, i) => {
    sum += losses[i] * batch.length;
    rows += batch.length;
  });
  return sum / rows;
}
