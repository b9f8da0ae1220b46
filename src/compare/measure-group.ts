// Measures one group of SAEs from end to end: codes, metrics with their nulls, controls, findings, features.

import type { ActivationRows } from '../activations/activation-rows.js';
import type { Tokens } from '../activations/tokens.js';
import { diagnose } from '../diagnosis/diagnose.js';
import { type ExamineOptions, type Measuring, startMeasuring } from '../evidence/context.js';
import type { Evidence } from '../evidence/evidence.js';
import { examinePrepared } from '../evidence/examine.js';
import { type PreparedGroup, prepareGroup } from '../evidence/prepare.js';
import { byFiring } from '../features/by-firing.js';
import { byDirections } from '../features/families/by-directions.js';
import { type Families, familiesOf } from '../features/families/families.js';
import { familiesResult } from '../features/families/families-result.js';
import { type FeatureStability, featureStability } from '../features/feature-stability.js';
import { stabilityResults } from '../report/feature-table.js';
import type { KnownSae, MeasuredGroup } from '../results/measured-group.js';
import type { Member, TrainingRecord } from '../sae/member.js';
import type { SaeWeights } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

export interface SaeToMeasure extends KnownSae {
  /** Weights before training, where known. */
  readonly init?: SaeWeights;
  /** Codes on the group's activations; made from them where absent. */
  readonly codes?: SparseCodes;
  /** Where it does not read the group's: activations [N×d] of its own, row by row of the same as theirs. */
  readonly activations?: Matrix;
  readonly training?: TrainingRecord;
}

export interface GroupToMeasure {
  readonly id: string;
  readonly saes: readonly SaeToMeasure[];
  /** Activations [N×d], N ≥ 1. */
  readonly x?: Matrix | ActivationRows | undefined;
  /** What transcoders should write [N×d′], row by row of x. */
  readonly targets?: Matrix | ActivationRows | undefined;
  /** Where they come from, for messages. */
  readonly file?: string | undefined;
  /** One a row of x. */
  readonly tokens?: Tokens | undefined;
}

/** Calls `compute`, or recalls what it gave in an earlier run. */
export type Keeper<T> = (compute: () => Promise<T>) => Promise<T>;

export interface MeasureOptions extends ExamineOptions {
  readonly keepEvidence?: Keeper<Evidence>;
  readonly keepFeatures?: Keeper<FeatureStability | undefined>;
}

export interface Measurement {
  readonly measured: MeasuredGroup;
  /** Absent where there are no two SAEs whose features can be matched, as are families. */
  readonly features?: FeatureStability;
  readonly families?: Families;
  /** The SAEs without those that are left out, where they have been encoded; codes are of every stride-th row. */
  readonly encoded?: { readonly members: readonly Member[]; readonly stride: number };
}

/**
 * SAEs with weights that are not finite are counted, and left out of every score.
 * @throws input.shape, input.non-finite; internal.control when a control fails; internal.cancelled
 */
export async function measureGroup(group: GroupToMeasure, options: MeasureOptions): Promise<Measurement> {
  const { keepEvidence = (compute) => compute(), keepFeatures = (compute) => compute() } = options;
  const { id, x, targets } = group;
  const measuring = startMeasuring(options);
  // Where everything is recalled, nothing is encoded.
  let begun: Promise<PreparedGroup> | undefined;
  const prepared = () => {
    begun ??= prepareGroup(
      { id, members: group.saes.map(asMember), x, targets, file: group.file, tokens: group.tokens },
      measuring,
    );
    return begun;
  };
  // What is recalled may have been kept under another name of the group.
  const evidence = { ...(await keepEvidence(async () => examinePrepared(await prepared(), measuring))), id };
  const features = await keepFeatures(async () => {
    options.onProgress?.(`${id}/features`);
    return featureStability((await prepared()).sound, measuring.comparing, {
      units: measuring.units,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(evidence.matching ? { assignments: { matches: evidence.matching } } : {}),
      ...(options.keep ? { keep: options.keep } : {}),
    });
  });
  const bands = features && byFiring(features);
  const families = features && (await familiesIn(features, group.saes, measuring));
  const { sound, data } = (await begun) ?? {};
  return {
    measured: {
      saes: group.saes,
      evidence,
      diagnosis: diagnose(evidence),
      ...(features ? { stability: stabilityResults(features) } : {}),
      ...(bands ? { byFiring: bands } : {}),
      ...(families ? { families: familiesResult(families) } : {}),
    },
    ...(features ? { features } : {}),
    ...(families ? { families } : {}),
    ...(sound && data ? { encoded: { members: sound, stride: data.stride } } : {}),
  };
}

/** Families by directions, of what is known of the features; most of the work was done for those. */
function familiesIn(
  features: FeatureStability,
  saes: readonly SaeToMeasure[],
  { comparing, units, signal }: Measuring,
): Promise<Families | undefined> {
  const ids = features.summaries.map(({ sae }) => sae);
  // Weights before training and codes are not looked at, and may take long to draw.
  const members = ids.map((id) => ({ id, sae: (saes.find((one) => one.id === id) as SaeToMeasure).sae }));
  return familiesOf(
    ids,
    byDirections(members, comparing, { units, known: features }),
    signal ? { signal } : {},
  );
}

/** What measuring looks at. */
export function asMember({ id, sae, init, codes, activations, training }: SaeToMeasure): Member {
  return {
    id,
    sae,
    ...(init ? { init } : {}),
    ...(codes ? { codes } : {}),
    ...(activations ? { activations } : {}),
    ...(training ? { training } : {}),
  };
}
