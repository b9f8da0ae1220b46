// A recipe: how weights are drawn, what the loss is made of, and which optimiser moves the weights at which rate.
import { ReseedError } from '../errors.js';
import type { SaeWeights } from '../sae/sae.js';
import {
  type ArchitectureName,
  architectures,
  type OwnKey,
  type SaeSettings,
} from './architectures/registry.js';
import type { DenseRules, Selection, TopKRules } from './rules.js';
import type { Settings } from './setting.js';

/** Weights that are drawn; biases are 0. */
export type DrawnWeights = SaeWeights;

/** What a recipe says of an architecture that it is defined for. */
export interface Trained {
  /** Where one of several settings is enough: the one that the SAE is to be trained by. Absent: any. */
  readonly by?: OwnKey;
}

/** It is asked for nothing but the architectures A that it is defined for. */
export interface Recipe<A extends ArchitectureName = ArchitectureName> {
  readonly name: string;
  /** Raised when SAEs trained by it change: those that are kept are keyed by it. */
  readonly version: number;
  /** What a study can set instead of it. */
  readonly settings: Settings;
  /** The architectures that it is defined for; absent: all, by what their families have in common. */
  readonly trains?: Readonly<Partial<Record<ArchitectureName, Trained>>>;
  /** Weights before training, from the init seed alone. @param d input width @param features F */
  init(seed: number, d: number, features: number, sae: SaeSettings<A>): DrawnWeights;
  /** The rate that its warm-up ends at. */
  learningRate(sae: SaeSettings<A>): number;
  /** How it trains an architecture that keeps a number of features; absent: it trains none. @param d input width */
  topK?(sae: SaeSettings<A>, d: number, selection: Selection): TopKRules;
  /** How it trains an architecture whose number of features a penalty holds. */
  dense?(sae: SaeSettings<A>, d: number): DenseRules;
}

/** Why a recipe does not train such an SAE; undefined where it does. */
export function notTrained(
  { name, trains }: Pick<Recipe, 'name' | 'trains'>,
  sae: Pick<SaeSettings, 'architecture'> & Partial<SaeSettings>,
): string | undefined {
  const { architecture } = sae;
  if (!trains) return undefined;
  const trained = trains[architecture];
  if (!trained) {
    return `the recipe ${name} is not defined for ${architecture}, only for ${Object.keys(trains).join(', ')}`;
  }
  const { needs, settings } = architectures[architecture];
  const choices = Object.keys(settings) as OwnKey[];
  const by = choices.findLast((key) => sae[key] !== undefined) ?? choices[0];
  if (needs === 'all' || trained.by === undefined || trained.by === by) return undefined;
  return `the recipe ${name} trains ${architecture} by ${trained.by}, not by ${by}`;
}

/** @throws input.config naming recipe and architecture, where the recipe does not train such an SAE */
export function requireTrained(recipe: Recipe, sae: SaeSettings): void {
  const problem = notTrained(recipe, sae);
  if (problem !== undefined) throw new ReseedError('input.config', problem, { field: 'recipe' });
}
