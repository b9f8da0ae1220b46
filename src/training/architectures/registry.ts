// Every architecture that can be trained, in the order in which they are told: a new one is a file and a line here.
import { type Architecture, problemOf, type SettingProblem, settingsOf } from '../architecture.js';
import { type Axis, isList, type Merged, type ValuesOf } from '../setting.js';
import { batchtopk } from './batchtopk.js';
import { gated } from './gated.js';
import { jumprelu } from './jumprelu.js';
import { matryoshkaBatchtopk } from './matryoshka-batchtopk.js';
import { relu } from './relu.js';
import { topk } from './topk.js';

const all = [topk, batchtopk, matryoshkaBatchtopk, relu, jumprelu, gated] as const;

type Known = (typeof all)[number];
export type ArchitectureName = Known['name'];

export const architectureNames = all.map(({ name }) => name) as readonly ArchitectureName[] as readonly [
  ArchitectureName,
  ...ArchitectureName[],
];

export const architectures = Object.fromEntries(
  all.map((one): [string, Architecture] => [one.name, one]),
) as Readonly<Record<ArchitectureName, Architecture>>;

type OwnAxes = Merged<Known['settings']>;
export type OwnKey = keyof OwnAxes;

/** The settings that belong to some architectures only, numbers before lists. */
export const ownSettings = Object.fromEntries(
  [false, true].flatMap((lists) =>
    all.flatMap(({ settings }) =>
      Object.entries<Axis>(settings).filter(([, setting]) => isList(setting) === lists),
    ),
  ),
) as unknown as OwnAxes;

export const ownKeys = Object.keys(ownSettings) as OwnKey[];

/** What an SAE is to be: its architecture, F, and the settings that this architecture has. */
export type SaeSettings<A extends ArchitectureName = ArchitectureName> = {
  readonly architecture: A;
  readonly dSae: number;
} & Partial<ValuesOf<OwnAxes>>;

/** Whether an architecture has a use for this setting; of others it is left out. */
export function uses(architecture: ArchitectureName, key: string): boolean {
  return Object.hasOwn(architectures[architecture].settings, key);
}

/** The names of the architectures that have this setting. */
export function usersOf(key: OwnKey): ArchitectureName[] {
  return architectureNames.filter((name) => uses(name, key));
}

/** The first thing that keeps these settings from being an SAE; what is wrong with one alone its schema says. */
export function saeProblem(
  given: Readonly<Record<string, unknown>> & { readonly architecture: ArchitectureName },
): SettingProblem | undefined {
  return problemOf(architectures[given.architecture], given);
}

/** What an SAE is to be, among other things that are said of it, as of its training; undefined where it lacks something. */
export function saeSettingsIn(given: unknown): SaeSettings | undefined {
  const name = (given as Partial<SaeSettings> | null | undefined)?.architecture;
  if (name === undefined || !Object.hasOwn(architectures, name)) return undefined;
  const parsed = settingsOf(architectures[name]).safeParse(given);
  return parsed.success ? (parsed.data as SaeSettings) : undefined;
}
