// The SAE that one trained by reseed started as, drawn again from what its run recorded.
import { dModel, dSae, kOf, type Sae } from '../sae/sae.js';
import type { SaeRecord } from '../sae/source.js';
import type { SaePlan } from './architecture.js';
import { architectures } from './architectures/index.js';
import { notTrained, type RecipeName, recipeNames, recipes } from './recipes/index.js';
import type { SaeSettings } from './sae-settings.js';

/**
 * An SAE before its first step. Without the activations its decoder bias is 0, also where the recipe takes it from them.
 * @param d width of the activations
 */
export function initialSae(plan: SaePlan, initSeed: number, d: number): Sae {
  const { start, toSae } = architectures[plan.sae.architecture];
  return toSae(start(plan, initSeed, d), plan);
}

/** Undefined where the record does not name a recipe of this version and an init seed. */
export function knownInit(sae: Sae, { recipe, initSeed, settings }: SaeRecord): Sae | undefined {
  if (!(recipeNames as readonly unknown[]).includes(recipe) || typeof initSeed !== 'number') return undefined;
  const known = settingsOf(sae, settings);
  const its = recipes[recipe as RecipeName];
  if (known === undefined || notTrained(its, known) !== undefined) return undefined;
  return initialSae({ sae: known, recipe: its }, initSeed, dModel(sae));
}

/** What the record says, or what the SAE itself tells where it is TopK, as in records of earlier versions. */
function settingsOf(sae: Sae, recorded: unknown): SaeSettings | undefined {
  const own = { dSae: dSae(sae) };
  if (typeof recorded === 'object' && recorded !== null && 'architecture' in recorded) {
    const named = recorded as SaeSettings;
    return named.architecture in architectures ? { ...named, ...own } : undefined;
  }
  const k = kOf(sae);
  return sae.architecture === 'topk' && k !== undefined ? { architecture: 'topk', k, ...own } : undefined;
}
