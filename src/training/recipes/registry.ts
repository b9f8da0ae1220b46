// Every recipe, in the order in which they are told: a new one is a file and a line here.
import type { Recipe } from '../recipe.js';
import type { Merged } from '../setting.js';
import { dictionaryLearning } from './dictionary-learning.js';
import { openai } from './openai.js';
import { plain } from './plain.js';
import { saelens } from './saelens.js';

const all = [plain, openai, dictionaryLearning, saelens] as const;

type Known = (typeof all)[number];
export type RecipeName = Known['name'];

export const recipeNames = all.map(({ name }) => name) as readonly RecipeName[] as readonly [
  RecipeName,
  ...RecipeName[],
];

export const recipes = Object.fromEntries(all.map((one): [string, Recipe] => [one.name, one])) as Readonly<
  Record<RecipeName, Recipe>
>;

/** What studies can set instead of some recipe. */
export const recipeSettings: Merged<Known['settings']> = Object.assign(
  {},
  ...all.map(({ settings }) => settings),
);
