// The settings of a group in words, and along which of them the groups of a study differ.

import type { GroupSettings } from '../results/results.js';
import { ownKeys } from '../training/architectures/registry.js';
import { type AxisKey, axes as trainedAxes } from '../training/settings.js';
import { count, plain } from './number-format.js';

export type AxisId = 'variant' | AxisKey;

/** Settings that groups can differ in, and what they are called. */
const words = {
  variant: { name: 'variant', short: 'variant' },
  ...(Object.fromEntries(Object.entries(trainedAxes).map(([key, axis]) => [key, axis.words])) as {
    readonly [K in AxisKey]: (typeof trainedAxes)[K]['words'];
  }),
};

/** Along what groups of a study differ, besides layer and site. */
export interface Axis {
  readonly id: AxisId;
  readonly name: string;
  /** In the order of the study; absent in groups that have no such setting. */
  readonly values: readonly (string | number)[];
  /** Whether values are quantities, not names. */
  readonly numeric: boolean;
}

/** "topk, 1,024 features, k 32, recipe plain, 50 epochs": what tells one group's SAEs from another's. */
export function settingsText(settings: GroupSettings): string {
  const { architecture, dSae, recipe, epochs } = settings;
  return [
    `${architecture}, ${count(dSae)} features`,
    ...ownKeys.flatMap((key) => {
      const value = settings[key];
      if (value === undefined) return [];
      return [`${words[key].short} ${typeof value === 'number' ? plain(value) : value.join(', ')}`];
    }),
    recipe,
    ...(epochs === undefined ? [] : [`${count(epochs)} ${epochs === 1 ? 'epoch' : 'epochs'}`]),
  ].join(', ');
}

/** The value on an axis as a word: the number, the name, the prefixes joined. */
export function axisValue(settings: GroupSettings, id: AxisId): string | number | undefined {
  const value = settings[id];
  return typeof value === 'object' ? value.join('-') : value;
}

/**
 * Axes of the groups with these settings, the one to draw them along first: numbers before names, many values before few. Variants stand for all that differs between them, and steps
 * for the epochs that they come from.
 */
export function axesOf(known: readonly GroupSettings[]): Axis[] {
  const axes = (Object.keys(words) as AxisId[]).flatMap((id) => {
    const values = [...new Set(known.map((settings) => axisValue(settings, id)))];
    const given = values.flatMap((value) => (value === undefined ? [] : [value]));
    if (values.length < 2 || given.length === 0) return [];
    const numeric = given.every((value) => typeof value === 'number');
    return [{ id, name: words[id].name, values: numeric ? given.sort(ascending) : given, numeric }];
  });
  const withVariants = axes.some(({ id }) => id === 'variant');
  // Variants each have settings of their own: what differs within one of them is an axis beside them.
  const own = withVariants ? axes.filter(({ id }) => id === 'variant' || variesWithin(known, id)) : axes;
  const kept = own.some(({ id }) => id === 'epochs') ? own.filter(({ id }) => id !== 'steps') : own;
  return [...kept].sort((a, b) => Number(b.numeric) - Number(a.numeric) || b.values.length - a.values.length);
}

function ascending(a: string | number, b: string | number): number {
  return Number(a) - Number(b);
}

function variesWithin(known: readonly GroupSettings[], id: AxisId): boolean {
  const variants = new Set(known.map(({ variant }) => variant));
  return [...variants].some(
    (variant) =>
      new Set(known.filter((s) => s.variant === variant).map((settings) => axisValue(settings, id))).size > 1,
  );
}

/** "openai · k 32": what tells these settings from the others of the study; '' where nothing does. */
export function labelOf(settings: GroupSettings, axes: readonly Axis[]): string {
  return axes
    .flatMap((axis) => {
      const value = axisValue(settings, axis.id);
      return value === undefined ? [] : [valueText(axis, value)];
    })
    .join(' · ');
}

/** "k 32": a value on an axis, so that it can stand alone. */
export function valueText({ id, numeric }: Axis, value: string | number): string {
  return numeric ? `${words[id].short} ${plain(value as number)}` : String(value);
}
