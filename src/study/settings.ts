// The settings that a study goes through: the product of its axes, for each variant, and the name of each.
import { ownKeys, type SaeSettings, saeProblem, uses } from '../training/architectures/registry.js';
import { notTrained } from '../training/recipe.js';
import { recipes } from '../training/recipes/registry.js';
import { isList } from '../training/setting.js';
import { type AxisKey, axes, type TrainedSettings } from '../training/settings.js';
import type { SaeConfig, TrainingConfig, Variant } from './config/sae-settings.js';

/** Everything that SAEs of one group have in common besides their activations. Absent: of no use to them. */
export type Settings = TrainedSettings & { readonly variant?: string };

/** Settings with the part of their groups' ids: '' where there is nothing to tell apart. */
export type NamedSettings = Settings & { readonly suffix: string };

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

const axisKeys = Object.keys(axes) as AxisKey[];

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
  const several = Array.isArray(isList(axes[key]) ? (value as unknown[])[0] : value);
  return (several ? (value as unknown[]) : [value]).map((one) => ({ [key]: one }));
}

function check(raw: Raw): SettingsProblem | undefined {
  const { architecture, dSae, recipe, epochs, steps, batchSize } = raw as Partial<Settings>;
  const missing = (part: string, key: string, why = '') => ({
    path: [part, key],
    problem: `${key} is missing${why}`,
  });
  if (architecture === undefined) return missing('sae', 'architecture');
  if (dSae === undefined) return missing('sae', 'dSae');
  const wrong = saeProblem({ ...raw, architecture });
  if (wrong) return { path: ['sae', wrong.key], problem: wrong.problem };
  if (recipe === undefined) return missing('training', 'recipe');
  const untrained = notTrained(recipes[recipe], { ...(raw as Partial<SaeSettings>), architecture });
  if (untrained) return { path: ['training', 'recipe'], problem: untrained };
  if (epochs === undefined && steps === undefined) {
    return missing('training', 'epochs', ': how long to train, in epochs or in steps');
  }
  if (epochs !== undefined && steps !== undefined) {
    return { path: ['training', 'steps'], problem: 'give epochs or steps, not both' };
  }
  return batchSize === undefined ? missing('training', 'batchSize') : undefined;
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
  const unused = ownKeys.filter((key) => !uses(settings.architecture, key));
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => !unused.some((one) => one === key)),
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
    return [`.${axes[key].prefix}${Array.isArray(value) ? value.join('-') : value}`];
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
