// The only place where a study meets the training loop: from settings to a start, to trained weights, to an SAE.
import type { Kernel } from '../kernel/interface.js';
import type { LossOver } from '../sae/member.js';
import type { Sae } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import { type SaeSettings, saeSettingsIn } from '../training/architectures/registry.js';
import { initialSae } from '../training/known-init.js';
import { type TrainingHooks, type TrainingRun, train } from '../training/loop.js';
import type { SaePlan, TrainingPlan } from '../training/plan.js';
import { recipes } from '../training/recipes/registry.js';
import { lossOverOf as lossOverOfPlan, saeOf as saeOfRun, startRun } from '../training/sae-in-training.js';
import type { TrainingState } from '../training/state.js';
import type { Settings } from './settings.js';

/** The SAE before training, from the init seed alone. @param d width of the activations */
export function initialWeights(settings: Settings, initSeed: number, d: number): Sae {
  return initialSae(saePlan(settings), initSeed, d);
}

export function startTraining(settings: Settings, initSeed: number, x: Matrix): TrainingState {
  return startRun(saePlan(settings), initSeed, x.cols, x);
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

/** The SAE that these weights are. Nothing is copied that stays as it is. */
export function saeOf(settings: Settings, state: TrainingState): Sae {
  return saeOfRun(state, saePlan(settings));
}

/** What the losses of its training are means of, where they are of one reconstruction. @param d width of the activations */
export function lossOverOf(settings: Settings, d: number): LossOver | undefined {
  return lossOverOfPlan(saePlan(settings), d);
}

/** What training and the records of checkpoints take of the settings. */
export function saeSettings(settings: Settings): SaeSettings {
  return saeSettingsIn(settings) as SaeSettings;
}

function saePlan(settings: Settings): SaePlan {
  return { sae: saeSettings(settings), recipe: recipes[settings.recipe] };
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

export function learningRateOf(settings: Settings): number {
  return settings.learningRate ?? recipes[settings.recipe].learningRate(saeSettings(settings));
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
    ...saePlan(settings),
    ...lengthOf(settings, rows),
    ...(snapshots.length > 0 ? { snapshots } : {}),
    batchSize: settings.batchSize,
    learningRate: learningRateOf(settings),
  };
}
