// The SAE that one trained by reseed started as, drawn again from what its run recorded.
import { dModel, dSae, type Sae } from '../sae/sae.js';
import type { SaeRecord } from '../sae/source.js';
import { architectures, type SaeSettings, saeSettingsIn } from './architectures/registry.js';
import type { SaePlan } from './plan.js';
import { notTrained } from './recipe.js';
import { type RecipeName, recipes } from './recipes/registry.js';
import { saeOf, startRun } from './sae-in-training.js';

/**
 * An SAE before its first step. Without the activations its decoder bias is 0, also where the recipe takes it from them.
 * @param d width of the activations
 */
export function initialSae(plan: SaePlan, initSeed: number, d: number): Sae {
  return saeOf(startRun(plan, initSeed, d), plan);
}

/** Undefined where the record does not name a recipe of this version and an init seed. */
export function knownInit(sae: Sae, { recipe, initSeed, settings }: SaeRecord): Sae | undefined {
  if (!isRecipe(recipe) || typeof initSeed !== 'number') return undefined;
  const known = settingsOf(sae, settings);
  if (known === undefined || notTrained(recipes[recipe], known) !== undefined) return undefined;
  return initialSae({ sae: known, recipe: recipes[recipe] }, initSeed, dModel(sae));
}

function isRecipe(name: unknown): name is RecipeName {
  return typeof name === 'string' && Object.hasOwn(recipes, name);
}

/** What the record says, or what the SAE itself tells. */
function settingsOf(sae: Sae, recorded: unknown): SaeSettings | undefined {
  const own = { dSae: dSae(sae) };
  if (typeof recorded === 'object' && recorded !== null && 'architecture' in recorded) {
    return saeSettingsIn({ ...recorded, ...own });
  }
  for (const { name, ownOf } of Object.values(architectures)) {
    const told = ownOf?.(sae);
    if (told) return saeSettingsIn({ architecture: name, ...told, ...own });
  }
  return undefined;
}
