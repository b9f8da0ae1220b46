// The weights that an SAE trained by reseed started from, drawn again from what its run recorded.
import { dModel, dSae, type Sae, type SaeWeights } from '../sae/sae.js';
import type { SaeRecord } from '../sae/source.js';
import { type RecipeName, recipeNames, recipes } from './recipe.js';

/** Undefined where the record does not name a recipe of this version and an init seed. */
export function knownInit(sae: Sae, { recipe, initSeed }: SaeRecord): SaeWeights | undefined {
  if (!(recipeNames as readonly unknown[]).includes(recipe) || typeof initSeed !== 'number') return undefined;
  return recipes[recipe as RecipeName].init(initSeed, dModel(sae), dSae(sae));
}
