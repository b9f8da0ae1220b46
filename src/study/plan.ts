// What a study has to do: its groups (a site of the activations and settings), and the SAEs to train in each.
import { defined } from '../defined.js';
import type { Shortened } from '../results/results.js';
import { type StageName, stageNames } from './config/study.js';
import type { Study } from './config.js';
import { type NamedSettings, type Settings, settingsOf } from './settings.js';
import { type ActivationSource, type SourceSite, sitesOf } from './sources/index.js';

export interface PlannedSae {
  readonly id: string;
  readonly initSeed: number;
  readonly orderSeed: number;
}

/** SAEs that see the same activations, differ by their seeds alone, and are compared with each other. */
export interface PlannedGroup {
  /** The site's, and what tells its settings from the others. */
  readonly id: string;
  readonly site: SourceSite;
  readonly settings: Settings;
  readonly saes: readonly PlannedSae[];
}

export interface Plan {
  readonly groups: readonly PlannedGroup[];
  readonly stages: readonly StageName[];
  /** Draws per sampled null. */
  readonly draws: number;
  /** Set when this is less than the study asks for. */
  readonly shortened?: Shortened;
}

/** Lays out a study that `parseStudy` has read; `quick` takes what its `quick` section says. */
export function planStudy(study: Study, quick: boolean): Plan {
  const draws = quick ? atMost(study.quick.draws, study.analysis.draws) : study.analysis.draws;
  const asked = settingsOf(study) as NamedSettings[];
  const groups = sitesAndSettings(study, asked).map(({ site, named: { suffix, ...settings } }) => {
    const id = `${site.id}${suffix}`;
    return {
      id,
      site,
      settings: quick ? shorten(settings, study.quick) : settings,
      saes: planSaes(id, study.seeds),
    };
  });
  const told = quick ? shortened(study, asked, draws) : undefined;
  return {
    groups,
    stages: study.stages ?? stageNames,
    draws,
    ...defined({ shortened: told }),
  };
}

/** Site by site, in each the settings in their order; a variant may have sites of its own. */
function sitesAndSettings({ activations, variants }: Study, asked: readonly NamedSettings[]) {
  const all = asked.flatMap((named) => {
    const own = variants?.find(({ name }) => name === named.variant)?.activations;
    return sitesOf(activations, own).map((site, at) => ({ site, at, named }));
  });
  return all.sort((a, b) => a.at - b.at);
}

/** The sites of a plan, each once: those of which all SAEs read the same. */
export function distinctSites(
  { groups }: Pick<Plan, 'groups'>,
  source: Pick<ActivationSource, 'keyOf'>,
): SourceSite[] {
  return [...new Map(groups.map(({ site, saes }) => [source.keyOf(site, saes[0].initSeed), site])).values()];
}

function atMost(limit: number | undefined, value: number): number {
  return Math.min(limit ?? value, value);
}

function shorten(settings: Settings, quick: Study['quick']): Settings {
  const { epochs, steps } = settings;
  return {
    ...settings,
    ...(epochs === undefined ? {} : { epochs: atMost(quick.epochs, epochs) }),
    ...(steps === undefined ? {} : { steps: atMost(quick.steps, steps) }),
  };
}

/** What it took of what the study asks for; undefined where it took all. */
function shortened(
  { quick, analysis }: Study,
  asked: readonly Settings[],
  draws: number,
): Shortened | undefined {
  const lengthIn = (unit: 'epochs' | 'steps') => {
    const all = asked.flatMap((settings) => settings[unit] ?? []);
    const taken = all.map((length) => atMost(quick[unit], length));
    return all.length === 0 ? {} : { [unit]: { taken: rangeOf(taken), asked: rangeOf(all) } };
  };
  const lengths: Pick<Shortened, 'epochs' | 'steps'> = { ...lengthIn('epochs'), ...lengthIn('steps') };
  const isLess = Object.values(lengths).some(
    ({ taken, asked: whole }) => taken.low !== whole.low || taken.high !== whole.high,
  );
  if (!isLess && draws === analysis.draws) return undefined;
  return { ...lengths, draws: { taken: draws, asked: analysis.draws } };
}

function rangeOf(values: readonly number[]): { low: number; high: number } {
  return { low: Math.min(...values), high: Math.max(...values) };
}

function planSaes(group: string, { init, order }: Study['seeds']): PlannedSae[] {
  const both = (initSeed: number, orderSeed: number, name: string): PlannedSae => ({
    id: `${group}.${name}`,
    initSeed,
    orderSeed,
  });
  if (typeof order === 'object' && !Array.isArray(order)) {
    return init.flatMap((i) => order.cross.map((o) => both(i, o, `init${i}-order${o}`)));
  }
  return init.map((initSeed, i) => {
    const orderSeed = order === 'same' ? initSeed : Array.isArray(order) ? order[i] : order;
    const name = orderSeed === initSeed ? `seed${initSeed}` : `init${initSeed}-order${orderSeed}`;
    return both(initSeed, orderSeed, name);
  });
}
