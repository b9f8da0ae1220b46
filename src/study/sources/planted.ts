// Planted worlds as activations of a study: each init seed reads a world of its own, drawn when it is asked for.

import {
  type PlantedPlan,
  plantedDictionary,
  plantedVersion,
  plantedWorld,
  requirePlan,
  sharedFeatures,
} from '../../activations/planted.js';
import { plantedPlans } from '../../activations/planted-plans.js';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { PlantedActivations } from '../config/activations.js';
import { hashOf } from '../hash-of.js';
import type { ActivationSource, SourceSite } from './source.js';

/** A study of many worlds holds so many at a time: those of the groups at work, as a rule. */
const keptWorlds = 12;

/** A site that is a plan of worlds. */
export interface PlantedSite extends SourceSite {
  readonly plan: PlantedPlan;
  /** Settings that results tell conditions by. */
  readonly condition: Readonly<Record<string, number | string>>;
}

/** One site for each combination of what the study varies. */
export function plantedSites({ planted }: PlantedActivations): PlantedSite[] {
  return plantedPlans(planted).map(({ id, label, plan, condition }) => ({
    id,
    site: label,
    plan,
    condition,
  }));
}

/** @param sites of the study, for their plans to be checked @throws input.config for worlds that cannot be */
export function openPlantedSource(sites: readonly SourceSite[], studyFile: string): ActivationSource {
  for (const { plan } of sites as readonly PlantedSite[]) requireInStudy(plan, studyFile);
  const planOf = (site: SourceSite): PlantedPlan => (site as PlantedSite).plan;
  const keyOf = (site: SourceSite, initSeed: number): string => {
    const plan = planOf(site);
    // Where everything is shared all worlds are one.
    const world = plan.overlap === 1 ? 0 : initSeed;
    return hashOf([plantedVersion, Object.entries(plan).sort(), world]);
  };
  const drawn = new Map<string, Matrix>();
  const activations = (site: SourceSite, initSeed: number): Matrix => {
    const key = keyOf(site, initSeed);
    const x = drawn.get(key) ?? plantedWorld(planOf(site), initSeed).x;
    drawn.delete(key);
    drawn.set(key, x);
    const [oldest] = drawn.keys();
    if (drawn.size > keptWorlds) drawn.delete(oldest);
    return x;
  };
  return {
    keyOf,
    shapeOf: (site) => ({ rows: planOf(site).rows, cols: planOf(site).dModel }),
    isKept: async () => true,
    keptBytes: () => 0,
    load: async () => activations,
    truthOf: (site) => ({
      shared: sharedFeatures(planOf(site)),
      condition: (site as PlantedSite).condition,
      dictionary: (initSeed) => plantedDictionary(planOf(site), initSeed),
    }),
  };
}

function requireInStudy(plan: PlantedPlan, studyFile: string): void {
  try {
    requirePlan(plan);
  } catch (error) {
    if (!(error instanceof ReseedError)) throw error;
    const { field, found, expected } = error.details;
    throw new ReseedError('input.config', 'no such planted world', {
      file: studyFile,
      ...(field === undefined ? {} : { field: `activations.planted.${field}` }),
      ...defined({ found, expected }),
    });
  }
}
