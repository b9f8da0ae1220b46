// An architecture that can be trained: its settings, how a run of it starts and takes steps, and the SAE that it is.
import { z } from 'zod';
import type { Kernel } from '../kernel/interface.js';
import type { Sae, SaeWeights } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import type { Pace } from './pace.js';
import type { DenseRules, Selection, TopKRules } from './rules.js';
import type { Axes, ValuesOf } from './setting.js';
import type { TrainingState } from './state.js';

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

/** Whether an SAE needs all settings of its architecture, or one of them is enough; then it is trained by the last one given. */
export type Needs = 'all' | 'one';

/** What every architecture has to be told. */
export interface SaeBase {
  readonly architecture: string;
  /** F */
  readonly dSae: number;
}

/** The settings of an architecture's own. */
export type OwnOf<A extends Axes, N extends Needs = 'all'> = N extends 'one'
  ? Partial<ValuesOf<A>>
  : ValuesOf<A>;

/** What is wrong with a setting, by its key. */
export interface SettingProblem {
  readonly key: string;
  readonly problem: string;
}

/** What the architectures of all families have. S is what an SAE of it is told, Rules what a recipe says to its family. */
export interface TrainedArchitecture<Own, Rules> {
  /** What its settings taken together break; each for itself has its schema. */
  problem?(sae: SaeBase & Own): SettingProblem | undefined;
  /** Active features of a row, as far as its settings say. */
  activePerRow?(own: Own): number | undefined;
  /** Its own settings, told by the SAE itself; absent where a checkpoint has to record them. */
  ownOf?(sae: Sae): Own | undefined;
  /** Its loss is a weighted sum of several reconstructions. */
  readonly nested?: true;
  /** A run before its first step. @param weights that it starts from */
  start(sae: SaeBase & Own, rules: Rules, weights: SaeWeights): TrainingState;
  /** What takes steps on X [N×d]. */
  trainer(sae: SaeBase & Own, rules: Rules, x: Matrix, pace: Pace, kernel: Kernel): Advance;
  /** The SAE that these weights are. Arrays that stay as they are are not copied. */
  toSae(sae: SaeBase & Own, rules: Rules, state: TrainingState): Sae;
}

interface Described<Name extends string, A extends Axes, N extends Needs> {
  readonly name: Name;
  /** Raised when SAEs of it come out otherwise, whatever the recipe. */
  readonly version: number;
  /** Its own settings, in the order in which they are told. */
  readonly settings: A;
  readonly needs: N;
}

/** Keeps a number of features, of a row or of a batch. */
export interface TopKArchitecture<Name extends string = string, A extends Axes = Axes>
  extends Described<Name, A, 'all'>,
    TrainedArchitecture<OwnOf<A>, TopKRules> {
  readonly family: 'top-k';
  readonly selection: Selection;
}

/** Keeps what is above a threshold; a penalty holds the number of features. */
export interface DenseArchitecture<
  Name extends string = string,
  A extends Axes = Axes,
  N extends Needs = Needs,
> extends Described<Name, A, N>,
    TrainedArchitecture<OwnOf<A, N>, DenseRules> {
  readonly family: 'dense';
}

export type Architecture = TopKArchitecture | DenseArchitecture;

/** Its own settings among others, and its name and its number of features. */
export function settingsOf({ name, settings, needs }: Architecture) {
  const schemas = Object.entries(settings).map(([key, { schema }]) => [
    key,
    needs === 'all' ? schema : schema.optional(),
  ]);
  return z.object({
    architecture: z.literal(name),
    dSae: z.int().positive(),
    ...(Object.fromEntries(schemas) as Record<string, z.ZodType>),
  });
}

/** The first thing that keeps these settings from being an SAE of it; what is wrong with one alone its schema says. */
export function problemOf(
  architecture: Architecture,
  given: Readonly<Record<string, unknown>>,
): SettingProblem | undefined {
  const keys = Object.keys(architecture.settings);
  const isMissing = (key: string) => given[key] === undefined;
  const missing = architecture.needs === 'all' ? keys.find(isMissing) : keys.every(isMissing) && keys[0];
  if (missing) return { key: missing, problem: `${missing} is missing: ${architecture.name} needs it` };
  const { data } = settingsOf(architecture).safeParse(given);
  return data && architecture.problem?.(data);
}
