// The settings that a study goes through: the product of its axes, for each variant, and the name of each.
import { notTrained, type RecipeName, recipes } from '../training/recipes/index.js';
import { type ArchitectureName, lacking, type OwnSetting, ownSettings, uses } from './architectures.js';
import type { SaeConfig, TrainingConfig, Variant } from './config/sae-settings.js';

/** Everything that SAEs of one group have in common besides their activations. Absent: of no use to them. */
export interface Settings {
  readonly variant?: string;
  readonly architecture: ArchitectureName;
  readonly dSae: number;
  readonly k?: number;
  readonly sparsity?: number;
  readonly targetL0?: number;
  readonly groups?: readonly number[];
  readonly recipe: RecipeName;
  /** Either epochs or steps. */
  readonly epochs?: number;
  readonly steps?: number;
  readonly batchSize: number;
  /** The recipe's own where it is absent. */
  readonly learningRate?: number;
  readonly snapshots?: 'log' | readonly number[];
}

/** Settings with the part of their groups' ids: '' where there is nothing to tell apart. */
export interface NamedSettings extends Settings {
  readonly suffix: string;
}

/** Something that a study file lacks or says twice, and where. */
export interface SettingsProblem {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

export interface SettingsConfig {
  readonly sae: SaeConfig;
  readonly training: TrainingConfig;
  readonly variants?: readonly Variant[] | undefined;
}

/** Keys that can be axes, in the order in which they are gone through, the first one slowest. */
export const axisKeys = ['architecture', 'dSae', ...ownSettings, 'recipe', 'epochs', 'steps'] as const;
type AxisKey = (typeof axisKeys)[number];

const axisNames: Readonly<Record<AxisKey, string>> = {
  architecture: '',
  dSae: 'd',
  k: 'k',
  sparsity: 'sparsity',
  targetL0: 'l0-',
  groups: 'groups',
  recipe: '',
  epochs: 'epochs',
  steps: 'steps',
};

type Raw = Readonly<Record<string, unknown>>;

/** Every setting of a study, in the order of the file, or what keeps it from having them. */
export function settingsOf({ sae, training, variants }: SettingsConfig): NamedSettings[] | SettingsProblem {
  const laid: { readonly at: readonly (string | number)[]; readonly raw: Raw }[] = variants
    ? variants.map((variant, i) => ({ at: ['variants', i], raw: lay(sae, training, variant) }))
    : [{ at: [], raw: { ...sae, ...training } }];
  const named: NamedSettings[] = [];
  for (const { at, raw } of laid) {
    const combinations = product(raw);
    for (const one of combinations) {
      const problem = check(one);
      if (problem) return { ...problem, path: placeOf(problem.path, at, variants) };
    }
    const own = withoutRepeats(combinations.map((one) => useful(one as unknown as Settings)));
    named.push(...own.map((settings) => ({ ...settings, suffix: suffixOf(settings, own) })));
  }
  return twice(named, variants) ?? named;
}

/** Epochs and steps exclude each other: what a variant says of the length takes the place of the common one. */
function lay(sae: SaeConfig, training: TrainingConfig, variant: Variant): Raw {
  const { epochs, steps, ...rest } = training;
  const own = variant.training ?? {};
  const length = own.epochs !== undefined || own.steps !== undefined ? {} : dropUndefined({ epochs, steps });
  return dropUndefined({ variant: variant.name, ...sae, ...rest, ...length, ...variant.sae, ...own });
}

function dropUndefined(raw: Raw): Raw {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
}

/** One entry for each combination of the values of its axes. */
function product(raw: Raw): Raw[] {
  return axisKeys.reduce<Raw[]>(
    (all, key) => all.flatMap((one) => valuesOf(key, raw[key]).map((value) => ({ ...one, ...value }))),
    [raw],
  );
}

function valuesOf(key: AxisKey, value: unknown): Raw[] {
  if (value === undefined) return [{}];
  const several = key === 'groups' ? Array.isArray(value) && Array.isArray(value[0]) : Array.isArray(value);
  return (several ? (value as unknown[]) : [value]).map((one) => ({ [key]: one }));
}

function check(raw: Raw): SettingsProblem | undefined {
  const { architecture, dSae, k, groups } = raw as Partial<Settings>;
  const missing = (part: string, key: string, why = '') => ({
    path: [part, key],
    problem: `${key} is missing${why}`,
  });
  if (architecture === undefined) return missing('sae', 'architecture');
  if (dSae === undefined) return missing('sae', 'dSae');
  const lacks = lacking(architecture, raw as Partial<Record<OwnSetting, unknown>>);
  if (lacks) return missing('sae', lacks, `: ${architecture} needs it`);
  if (k !== undefined && uses(architecture, 'k') && k > dSae) {
    return { path: ['sae', 'k'], problem: 'k is larger than dSae' };
  }
  if (groups !== undefined && uses(architecture, 'groups')) {
    const ascending = groups.every((size, i) => i === 0 || size > groups[i - 1]);
    if (!ascending || groups.at(-1) !== dSae) {
      return { path: ['sae', 'groups'], problem: 'groups must grow, and the last one must be dSae' };
    }
  }
  if (raw['recipe'] === undefined) return missing('training', 'recipe');
  const untrained = notTrained(recipes[raw['recipe'] as RecipeName], raw as unknown as Settings);
  if (untrained) return { path: ['training', 'recipe'], problem: untrained };
  if (raw['epochs'] === undefined && raw['steps'] === undefined) {
    return missing('training', 'epochs', ': how long to train, in epochs or in steps');
  }
  if (raw['epochs'] !== undefined && raw['steps'] !== undefined) {
    return { path: ['training', 'steps'], problem: 'give epochs or steps, not both' };
  }
  return raw['batchSize'] === undefined ? missing('training', 'batchSize') : undefined;
}

/** In the variant where that has the key, else in the common settings. */
function placeOf(
  path: SettingsProblem['path'],
  at: readonly (string | number)[],
  variants: readonly Variant[] | undefined,
): (string | number)[] {
  const variant = variants?.[at[1] as number] as unknown as Record<string, Raw | undefined> | undefined;
  return variant?.[path[0]]?.[path[1]] === undefined ? [...path] : [...at, ...path];
}

/** Without settings that this architecture has no use for. */
function useful(settings: Settings): Settings {
  const unused = ownSettings.filter((key) => !uses(settings.architecture, key));
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => !(unused as readonly string[]).includes(key)),
  ) as unknown as Settings;
}

/** Combinations that differ only in what an architecture has no use for are one. */
function withoutRepeats(all: readonly Settings[]): Settings[] {
  const seen = new Map<string, Settings>();
  for (const one of all) {
    const text = contentOf(one);
    if (!seen.has(text)) seen.set(text, one);
  }
  return [...seen.values()];
}

function contentOf(settings: Settings): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keys of which these settings have several values: the axes, in order. */
export function varying(all: readonly Settings[]): AxisKey[] {
  return axisKeys.filter((key) => new Set(all.map((one) => JSON.stringify(one[key]))).size > 1);
}

/** As `.relu.sparsity0.1`: the variant, then the value on each axis within it. */
function suffixOf(settings: Settings, own: readonly Settings[]): string {
  const parts = varying(own).flatMap((key) => {
    const value = settings[key];
    if (value === undefined) return [];
    return [`.${axisNames[key]}${Array.isArray(value) ? value.join('-') : value}`];
  });
  return [...(settings.variant === undefined ? [] : [`.${settings.variant}`]), ...parts].join('');
}

function twice(
  all: readonly NamedSettings[],
  variants: readonly Variant[] | undefined,
): SettingsProblem | undefined {
  const seen = new Map<string, string | undefined>();
  for (const { suffix: _, variant, ...settings } of all) {
    const activations = variants?.find(({ name }) => name === variant)?.activations;
    const text = `${contentOf(settings as Settings)} ${JSON.stringify(activations)}`;
    if (seen.has(text)) {
      return { path: ['variants'], problem: `${seen.get(text)} and ${variant} have the same settings` };
    }
    seen.set(text, variant);
  }
  return undefined;
}
