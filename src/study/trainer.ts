// The only place where a study meets the training loop: from settings to a start, to trained weights, to an SAE.
import type { Kernel } from '../kernel/interface.js';
import type { Sae, SaeWeights } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import { type TrainingHooks, type TrainingPlan, type TrainingRun, train } from '../training/loop.js';
import { recipes } from '../training/recipe.js';
import { startState, type TrainingState, weightsOf } from '../training/state.js';
import type { Settings } from './settings.js';

/** Weights before training, from the init seed alone. @param d width of the activations */
export function initialWeights({ recipe, dSae }: Settings, initSeed: number, d: number): SaeWeights {
  return recipes[recipe].init(initSeed, d, dSae);
}

export function startTraining(settings: Settings, initSeed: number, x: Matrix): TrainingState {
  return startState(initialWeights(settings, initSeed, x.cols));
}

/** Brings every run to the end of its training on X [N×d]. @throws as `train` */
export function trainRuns(
  x: Matrix,
  runs: readonly TrainingRun[],
  settings: Settings,
  kernel: Kernel,
  hooks: TrainingHooks,
): Promise<void> {
  return train(x, runs, trainingPlan(settings, x.rows), kernel, hooks);
}

/** The SAE that these weights are. Nothing is copied. */
export function saeOf({ k, recipe }: Settings, state: TrainingState): Sae {
  const { relu, subtractDecoderBias } = recipes[recipe];
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k: k as number, relu },
    subtractDecoderBias,
    ...weightsOf(state),
  };
}

/** Steps in all, and the epochs that they begin. @param rows N */
export function lengthOf(
  { epochs, steps, batchSize }: Settings,
  rows: number,
): { steps: number; epochs: number } {
  const perEpoch = Math.ceil(rows / batchSize);
  const all = steps ?? (epochs as number) * perEpoch;
  return { steps: all, epochs: Math.ceil(all / perEpoch) };
}

export function learningRateOf({ learningRate, recipe }: Settings): number {
  return learningRate ?? recipes[recipe].learningRate;
}

/** Steps after which an SAE is kept, before the last one; `log`: 1, 2, 4, 8 … */
export function snapshotSteps({ snapshots = [], ...settings }: Settings, rows: number): number[] {
  const { steps } = lengthOf(settings, rows);
  const all = snapshots === 'log' ? powersOfTwo(steps) : [...snapshots].sort((a, b) => a - b);
  return all.filter((step) => step < steps);
}

function powersOfTwo(below: number): number[] {
  const all: number[] = [];
  for (let step = 1; step < below; step *= 2) all.push(step);
  return all;
}

function trainingPlan(settings: Settings, rows: number): TrainingPlan {
  const snapshots = snapshotSteps(settings, rows);
  return {
    recipe: recipes[settings.recipe],
    k: settings.k as number,
    ...lengthOf(settings, rows),
    ...(snapshots.length > 0 ? { snapshots } : {}),
    batchSize: settings.batchSize,
    learningRate: learningRateOf(settings),
  };
}
