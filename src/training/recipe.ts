// A recipe: how weights are drawn and which optimiser moves them. One recipe a file; this lists them.
import type { SaeWeights } from '../sae/sae.js';
import { plain } from './plain.js';

export interface Recipe {
  readonly name: string;
  /** Weights before training, from the init seed alone. @param d input width @param features F */
  init(seed: number, d: number, features: number): SaeWeights;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Whether codes pass through ReLU after the top k are chosen. */
  readonly relu: boolean;
  readonly subtractDecoderBias: boolean;
}

export const recipeNames = ['plain'] as const;
export type RecipeName = (typeof recipeNames)[number];

export const recipes: Readonly<Record<RecipeName, Recipe>> = { plain };
