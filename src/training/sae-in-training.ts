// An SAE by an architecture and a recipe: where it starts, how it takes steps, and what it is.
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import type { LossOver } from '../sae/member.js';
import type { Sae } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import {
  type Advance,
  type Architecture,
  type SaeBase,
  settingsOf,
  type TrainedArchitecture,
} from './architecture.js';
import { architectures } from './architectures/registry.js';
import type { Pace } from './pace.js';
import type { SaePlan, TrainingPlan } from './plan.js';
import { requireTrained } from './recipe.js';
import type { CommonRules } from './rules.js';
import { startWeights } from './start-weights.js';
import type { TrainingState } from './state.js';

/**
 * A run before its first step, drawn from the init seed.
 * @param d width of the activations @param x the activations [N×d], for what a recipe takes from them; without them a
 * decoder bias starts at 0
 * @throws input.config where the recipe does not train such an SAE
 */
export function startRun(plan: SaePlan, initSeed: number, d: number, x?: Matrix): TrainingState {
  return inTraining(plan, d).start(initSeed, x);
}

/** What takes steps on X [N×d]. @throws as `startRun` */
export function advanceOn(x: Matrix, plan: TrainingPlan, kernel: Kernel): Advance {
  return inTraining(plan, x.cols).advance(x, plan, kernel);
}

/** The SAE that the weights of a run are. Arrays that stay as they are are not copied. */
export function saeOf(state: TrainingState, plan: SaePlan): Sae {
  return inTraining(plan, state.adam.width).sae(state);
}

/** What the losses of a run are means of; undefined where they are of several reconstructions. @throws as `startRun` */
export function lossOverOf(plan: SaePlan, d: number): LossOver | undefined {
  return inTraining(plan, d).lossOver;
}

/** An architecture with its settings and the rules that a recipe has for it. */
interface InTraining {
  readonly lossOver: LossOver | undefined;
  start(initSeed: number, x?: Matrix): TrainingState;
  advance(x: Matrix, pace: Pace, kernel: Kernel): Advance;
  sae(state: TrainingState): Sae;
}

function inTraining({ sae, recipe }: SaePlan, d: number): InTraining {
  requireTrained(recipe, sae);
  const architecture: Architecture = architectures[sae.architecture];
  const parsed = settingsOf(architecture).safeParse(sae);
  if (!parsed.success) {
    const [{ message, path }] = parsed.error.issues;
    throw new ReseedError('input.config', `not settings of ${architecture.name}: ${message}`, {
      field: path.join('.'),
    });
  }
  const told = { recipe, sae, own: parsed.data, d };
  return architecture.family === 'top-k'
    ? byRules(architecture, recipe.topK?.(sae, d, architecture.selection), told)
    : byRules(architecture, recipe.dense?.(sae, d), told);
}

/** @param own the settings as the architecture reads them */
function byRules<Own, Rules extends CommonRules>(
  architecture: TrainedArchitecture<Own, Rules>,
  rules: Rules | undefined,
  { recipe, sae, own, d }: SaePlan & { readonly own: SaeBase & Own; readonly d: number },
): InTraining {
  if (!rules) {
    const problem = `the recipe ${recipe.name} has no rules for ${sae.architecture}`;
    throw new ReseedError('input.config', problem, { field: 'recipe' });
  }
  const over = rules.hyper.meanOverWidth ? 'entries' : 'rows';
  return {
    lossOver: architecture.nested ? undefined : over,
    start: (initSeed, x) =>
      architecture.start(own, rules, startWeights(recipe.init(initSeed, d, sae.dSae, sae), rules, x)),
    advance: (x, pace, kernel) => architecture.trainer(own, rules, x, pace, kernel),
    sae: (state) => architecture.toSae(own, rules, state),
  };
}
