// Puts what a study measured and found into the value that the report is made from.
import { defined } from '../defined.js';
import type { TrajectoryPoint } from '../evidence/trajectory.js';
import { axesOf, labelOf } from '../report/settings-text.js';
import { groupResult, type MeasuredGroup, saeResults } from '../results/measured-group.js';
import { type GroupSettings, type Results, resultsVersion } from '../results/results.js';
import { trajectoryResult } from '../results/trajectory-result.js';
import { truthResult } from '../results/truth-result.js';
import { varianceResult } from '../results/variance-result.js';
import { judgeClaims } from './claims.js';
import type { Study } from './config.js';
import type { Plan, PlannedGroup } from './plan.js';
import type { KnownPlanted } from './planted-truth.js';
import type { Settings } from './settings.js';
import { learningRateOf } from './trainer.js';

export interface GroupOutcome {
  readonly group: PlannedGroup;
  readonly measured: MeasuredGroup;
  /** Training steps that its settings come to on its activations. */
  readonly steps: number;
  /** Absent where training kept no snapshots. */
  readonly trajectory?: readonly TrajectoryPoint[];
  /** Absent where no truth is known. */
  readonly planted?: KnownPlanted;
}

export interface Assembly {
  readonly study: Study;
  readonly plan: Plan;
  readonly outcomes: readonly GroupOutcome[];
  readonly reseed: Results['reseed'];
  /** ISO 8601 time at which the results were made. */
  readonly createdAt: string;
}

export function assemble({ study, plan, outcomes, reseed, createdAt }: Assembly): Results {
  const saes = outcomes.flatMap(({ measured }) => saeResults(measured));
  const settings = outcomes.map(({ group, steps }) => settingsIn(group.settings, steps));
  const axes = axesOf(settings);
  const groups = outcomes.map((outcome, i) => {
    const { layer, site } = outcome.group.site;
    const { measured, trajectory, planted } = outcome;
    const variance = varianceResult(measured.evidence.metrics, outcome.group.saes);
    const label = labelOf(settings[i], axes);
    return groupResult(measured, {
      ...defined({ layer, site }),
      ...(label === '' ? {} : { label }),
      settings: settings[i],
      ...(trajectory ? { trajectory: trajectoryResult(trajectory) } : {}),
      ...(variance ? { variance } : {}),
      ...(planted ? { truth: truthResult(planted.evidence, planted.condition) } : {}),
    });
  });
  // Where it was worked on changes nothing.
  const { claims, executor: _, ...config } = study;
  return {
    schema: resultsVersion,
    createdAt,
    reseed,
    study: {
      name: study.name,
      ...defined({ description: study.description }),
      ...(plan.shortened === undefined ? {} : { quick: true, shortened: plan.shortened }),
      config,
    },
    saes,
    groups,
    ...(claims.length > 0
      ? { claims: judgeClaims(claims, { saes, groups }, plan.shortened !== undefined) }
      : {}),
  };
}

/** Settings as the results have them. @param steps that they come to on the activations of the group */
export function settingsIn(settings: Settings, steps: number): GroupSettings {
  const { snapshots: _, ...kept } = settings;
  return { ...kept, steps, learningRate: learningRateOf(settings) };
}
