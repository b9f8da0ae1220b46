// An architecture that can be trained: how a run of it starts, how it takes steps, and the SAE that it is.
import type { Kernel } from '../kernel/interface.js';
import type { Sae } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import type { Recipe } from './recipe.js';
import type { ArchitectureName, SaeSettings } from './sae-settings.js';
import type { TrainingState } from './state.js';

/** What an SAE is to be, and by which recipe. */
export interface SaePlan {
  readonly sae: SaeSettings;
  readonly recipe: Recipe;
}

/** All that SAEs trained together have in common. */
export interface TrainingPlan extends SaePlan {
  readonly epochs: number;
  /** Ends training after this many steps, within an epoch too. */
  readonly steps?: number;
  /** Steps after which `onSnapshot` is called. */
  readonly snapshots?: readonly number[];
  readonly batchSize: number;
  readonly learningRate: number;
  /** Share of all steps from which the rate falls linearly to 0; without it, it does not fall. */
  readonly decayFrom?: number;
}

/** The steps for a run to take: the rows of X in each batch. */
export interface TrainingTask {
  readonly state: TrainingState;
  readonly batches: readonly Int32Array[];
}

/** The loss before each step. */
export interface StepLosses {
  /** All that the step lowers. */
  readonly total: readonly number[];
  /** The squared error alone, over a row or the mean over its entries as the recipe has it, not divided by anything else. */
  readonly reconstruction: readonly number[];
}

/** Takes the steps of each task, changing states in place. Returns its losses, per task. */
export type Advance = (tasks: readonly TrainingTask[]) => Promise<StepLosses[]>;

export interface Architecture {
  readonly name: ArchitectureName;
  /** Raised when SAEs of it come out otherwise, whatever the recipe. */
  readonly version: number;
  /**
   * A run before its first step, drawn from the init seed.
   * @param d width of the activations @param x the activations [N×d], for what a recipe takes from them; without them a
   * decoder bias starts at 0
   */
  start(plan: SaePlan, initSeed: number, d: number, x?: Matrix): TrainingState;
  /** What takes steps on X [N×d]. */
  trainer(x: Matrix, plan: TrainingPlan, kernel: Kernel): Advance;
  /** The SAE that these weights are. Arrays that stay as they are are not copied. */
  toSae(state: TrainingState, plan: SaePlan): Sae;
}

/** Steps of a whole run. @param rows N */
export function stepsInAll({ epochs, steps, batchSize }: TrainingPlan, rows: number): number {
  return Math.min(epochs * Math.ceil(rows / batchSize), steps ?? Number.POSITIVE_INFINITY);
}
