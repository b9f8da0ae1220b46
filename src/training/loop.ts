// Trains several SAEs on the same activations, epoch by epoch, in one pass over the data.
import { throwIfCancelled } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import type { Matrix } from '../tensor/matrix.js';
import { epochBatches } from './batches.js';
import type { TrainingPlan } from './plan.js';
import { advanceOn } from './sae-in-training.js';
import { isTrainable, type TrainingState } from './state.js';

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
  /** After a step that the plan names, counted from 1. An epoch that is gone through again tells it again. */
  onSnapshot?(runs: readonly TrainingRun[], step: number): void | Promise<void>;
  /** Whether a run is to be left as it is after the epochs it has had. */
  isOver?(run: TrainingRun): boolean;
}

/**
 * Brings every run to `plan.epochs` epochs, changing its state in place. Runs can stand at different epochs, as
 * after an interruption: those that lag catch up first. Every run's result depends on its own seeds alone.
 * A run whose weights have become NaN or infinite is left as it is; the losses of its last epoch show it.
 * @param x activations [N×d]
 * @throws internal.cancelled between two epochs once the signal is aborted; input.config where the recipe does not
 * train the architecture
 */
export async function train(
  x: Matrix,
  runs: readonly TrainingRun[],
  plan: TrainingPlan,
  kernel: Kernel,
  { signal, onEpoch, onSnapshot, isOver = () => false }: TrainingHooks = {},
): Promise<void> {
  const { batchSize, epochs, steps = Number.POSITIVE_INFINITY } = plan;
  const advance = advanceOn(x, plan, kernel);
  const perEpoch = Math.ceil(x.rows / batchSize);
  for (let epoch = 0; epoch < epochs && epoch * perEpoch < steps; epoch++) {
    const due = runs.filter(
      (run) => run.state.losses.length === epoch && !isOver(run) && isTrainable(run.state),
    );
    if (due.length === 0) continue;
    throwIfCancelled(signal);
    const before = epoch * perEpoch;
    const length = Math.min(perEpoch, steps - before);
    const orders = new Map<number, Int32Array[]>();
    const tasks = due.map(({ orderSeed, state }) => {
      const batches = orders.get(orderSeed) ?? epochBatches(orderSeed, epoch, x.rows, batchSize);
      orders.set(orderSeed, batches);
      return { state, batches: batches.slice(0, length) };
    });
    const losses: number[][] = tasks.map(() => []);
    // A started epoch is finished, so that no state is ever left between two epochs.
    for (const [from, to] of partsOf(length, plan.snapshots ?? [], before)) {
      const going = [...due.keys()].filter((i) => from === 0 || isTrainable(due[i].state));
      const part = going.map((i) => ({ state: tasks[i].state, batches: tasks[i].batches.slice(from, to) }));
      (await advance(part)).forEach((own, at) => {
        losses[going[at]].push(...own.reconstruction);
      });
      if (!plan.snapshots?.includes(before + to)) continue;
      await onSnapshot?.(
        going.map((i) => due[i]),
        before + to,
      );
    }
    due.forEach(({ state }, i) => {
      state.losses.push(epochLoss(losses[i], tasks[i].batches));
    });
    await onEpoch?.(due, epoch + 1);
  }
}

/** Batches 0 … length−1 of an epoch as ranges [from, to) that end at its snapshots and at its end. */
function partsOf(length: number, snapshots: readonly number[], before: number): [number, number][] {
  const ends = new Set([...snapshots.map((step) => step - before), length]);
  const inside = [...ends].filter((end) => end > 0 && end <= length).sort((a, b) => a - b);
  return inside.map((end, i) => [inside[i - 1] ?? 0, end]);
}

/** Mean loss over the rows of an epoch: batches weigh by their size. NaN where it was not gone through. */
function epochLoss(losses: readonly number[], batches: readonly Int32Array[]): number {
  let sum = 0;
  let rows = 0;
  batches.forEach((batch, i) => {
    sum += losses[i] * batch.length;
    rows += batch.length;
  });
  return sum / rows;
}
