// The recipes by name, and which of them trains what.
import { ReseedError } from '../../errors.js';
import type { Recipe } from '../recipe.js';
import type { SaeSettings } from '../sae-settings.js';
import { dictionaryLearning } from './dictionary-learning.js';
import { openai } from './openai.js';
import { plain } from './plain.js';
import { saelens } from './saelens.js';

export const recipeNames = ['plain', 'openai', 'dictionary-learning', 'saelens'] as const;
export type RecipeName = (typeof recipeNames)[number];

export const recipes: Readonly<Record<RecipeName, Recipe>> = {
  plain,
  openai,
  'dictionary-learning': dictionaryLearning,
  saelens,
};

/** Why a recipe does not train such an SAE; undefined where it does. */
export function notTrained(
  { name, trains, jumpRelu }: Recipe,
  { architecture, targetL0 }: Pick<SaeSettings, 'architecture' | 'targetL0'>,
): string | undefined {
  if (!trains.includes(architecture)) {
    return `the recipe ${name} is not defined for ${architecture}, only for ${trains.join(', ')}`;
  }
  const form = targetL0 === undefined ? 'sparsity' : 'targetL0';
  if (architecture !== 'jumprelu' || jumpRelu.includes(form)) return undefined;
  return `the recipe ${name} trains jumprelu by ${jumpRelu.join(' or ')}, not by ${form}`;
}

/** @throws input.config naming recipe and architecture, where the recipe does not train such an SAE */
export function requireTrained(recipe: Recipe, sae: SaeSettings): void {
  const problem = notTrained(recipe, sae);
  if (problem !== undefined) throw new ReseedError('input.config', problem, { field: 'recipe' });
}
