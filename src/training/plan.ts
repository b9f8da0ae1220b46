// What SAEs that are trained together have in common.
import type { SaeSettings } from './architectures/registry.js';
import type { Pace } from './pace.js';
import type { Recipe } from './recipe.js';

/** What an SAE is to be, and by which recipe. */
export interface SaePlan {
  readonly sae: SaeSettings;
  readonly recipe: Recipe;
}

export interface TrainingPlan extends SaePlan, Pace {
  /** Steps after which `onSnapshot` is called. */
  readonly snapshots?: readonly number[];
}
