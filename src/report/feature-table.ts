// features.parquet: one row for each feature of an SAE and each other SAE of its group, and its summary per SAE.

import type { Families } from '../features/families/families.js';
import type { FeatureMatchTable, FeatureStability, FeatureSummary } from '../features/feature-stability.js';
import { encodeParquet, type ParquetColumn, type ParquetValue } from '../formats/parquet.js';
import type { StabilityResult } from '../results/results.js';

export const featuresFile = 'features.parquet';

/** The features of one group. */
export interface GroupFeatures {
  readonly group: string;
  readonly stability: FeatureStability;
  /** Of the same SAEs. */
  readonly families?: Families;
}

export interface FeatureColumn extends ParquetColumn {
  readonly meaning: string;
  /** Undefined is written as an absent value. */
  readonly value: (row: Row) => ParquetValue | undefined;
}

/** Feature `match.features[i]` of SAE `match.sae`, seen in SAE `match.other`. */
interface Row {
  readonly group: string;
  readonly summary: FeatureSummary;
  readonly match: FeatureMatchTable;
  readonly i: number;
  readonly feature: number;
  /** Its family, where it has one, by the number among the families of the group. */
  readonly family: number | undefined;
}

function column(
  name: string,
  type: ParquetColumn['type'],
  meaning: string,
  value: FeatureColumn['value'],
): FeatureColumn {
  return { name, type, meaning, value };
}

function optional(...parts: Parameters<typeof column>): FeatureColumn {
  return { ...column(...parts), optional: true };
}

/** In the order of the file. Features without a direction (decoder row of length 0) have no rows. */
export const featureColumns: readonly FeatureColumn[] = [
  column('group', 'string', 'group of SAEs', (r) => r.group),
  column('sae', 'string', 'SAE that the feature belongs to', (r) => r.match.sae),
  column('feature', 'int32', 'index of the feature in it', (r) => r.feature),
  column('norm', 'float64', 'length of its decoder row', (r) => r.summary.norm[r.feature]),
  optional(
    'firing_rate',
    'float64',
    'share of the activations on which it fires; absent without activations',
    (r) => r.summary.firingRate?.[r.feature],
  ),
  optional(
    'init_cosine',
    'float64',
    'cosine of its decoder row with the row it started from; absent where that is unknown',
    (r) => r.summary.initCosine?.[r.feature],
  ),
  column(
    'stability',
    'float64',
    'share of the other SAEs in which it has a significant match (q_value ≤ 0.05)',
    (r) => r.summary.stability[r.feature],
  ),
  column(
    'stability_sphere',
    'float64',
    'the same by the easier null of directions anywhere on the sphere (q_value_sphere ≤ 0.05)',
    (r) => r.summary.stabilitySphere[r.feature],
  ),
  column(
    'stability_07',
    'float64',
    'share of the other SAEs in which its best |cosine| is at least 0.7',
    (r) => r.summary.stability07[r.feature],
  ),
  column(
    'stability_09',
    'float64',
    'share of the other SAEs in which its best |cosine| is at least 0.9',
    (r) => r.summary.stability09[r.feature],
  ),
  optional(
    'family',
    'int32',
    'family of features of several SAEs that it belongs to; absent where it has none',
    (r) => r.family,
  ),
  column('other', 'string', 'SAE in which its partner is', (r) => r.match.other),
  column(
    'partner',
    'int32',
    'feature of the other SAE with the largest |cosine| of decoder rows',
    (r) => r.match.partner[r.i],
  ),
  column('cosine', 'float64', 'cosine with that partner, signed', (r) => r.match.cosine[r.i]),
  column(
    'margin',
    'float64',
    '|cosine| with the partner minus the second largest',
    (r) => r.match.margin[r.i],
  ),
  column('mutual', 'boolean', 'each is the best partner of the other', (r) => r.match.mutual[r.i] === 1),
  optional(
    'assigned',
    'int32',
    'partner in the one-to-one matching by signed cosine; absent where it has none',
    (r) => (r.match.assigned[r.i] < 0 ? undefined : r.match.assigned[r.i]),
  ),
  optional('assigned_cosine', 'float64', 'cosine with the assigned partner', (r) =>
    r.match.assigned[r.i] < 0 ? undefined : r.match.assignedCosine[r.i],
  ),
  column(
    'p_value',
    'float64',
    'chance that the best of as many random directions with the second moment of the other SAE’s is as near',
    (r) => r.match.pValue[r.i],
  ),
  column(
    'q_value',
    'float64',
    'p_value adjusted over the features of the SAE (Benjamini–Hochberg)',
    (r) => r.match.qValue[r.i],
  ),
  column(
    'p_value_sphere',
    'float64',
    'chance that the best of as many directions anywhere on the sphere is as near',
    (r) => r.match.pValueSphere[r.i],
  ),
  column(
    'q_value_sphere',
    'float64',
    'p_value_sphere adjusted in the same way',
    (r) => r.match.qValueSphere[r.i],
  ),
];

/** Rows held in memory at a time. */
const rowsPerGroup = 65_536;

/** The bytes of features.parquet, in pieces; groups are asked for one after the other. */
export function encodeFeatures(
  groups: Iterable<GroupFeatures> | AsyncIterable<GroupFeatures>,
): AsyncGenerator<Uint8Array> {
  return encodeParquet(featureColumns, rowGroups(groups), { schema: 'reseed/features/2' });
}

async function* rowGroups(
  groups: Iterable<GroupFeatures> | AsyncIterable<GroupFeatures>,
): AsyncGenerator<ParquetValue[][]> {
  const empty = (): ParquetValue[][] => featureColumns.map(() => []);
  let rows = empty();
  for await (const { group, stability, families } of groups) {
    const familyOf = families ? familiesByFeature(families) : undefined;
    for (const match of stability.matches) {
      const summary = stability.summaries.find(({ sae }) => sae === match.sae) as FeatureSummary;
      for (const [i, feature] of match.features.entries()) {
        const row: Row = {
          group,
          summary,
          match,
          i,
          feature,
          family: familyOf?.get(match.sae)?.get(feature),
        };
        featureColumns.forEach(({ value }, c) => {
          rows[c].push(value(row) ?? null);
        });
        if (rows[0].length < rowsPerGroup) continue;
        yield rows;
        rows = empty();
      }
    }
  }
  yield rows;
}

/** By SAE and feature the number of its family. */
function familiesByFeature({ families, saes }: Families): Map<string, Map<number, number>> {
  const out = new Map(saes.map((sae) => [sae, new Map<number, number>()]));
  for (const [family, { members }] of families.entries()) {
    for (const { sae, feature } of members) out.get(saes[sae])!.set(feature, family);
  }
  return out;
}

/** What the results say of these features, SAE by SAE. */
export function stabilityResults({ summaries, matches }: FeatureStability): StabilityResult[] {
  return summaries.map(({ sae, stability, stabilitySphere, stability07, stability09 }) => {
    const { features } = matches.find((match) => match.sae === sae) as FeatureMatchTable;
    const count = (shares: Float64Array, share: number) => features.filter((f) => shares[f] === share).length;
    return {
      sae,
      scored: features.length,
      inEvery: count(stability, 1),
      inNone: count(stability, 0),
      inEverySphere: count(stabilitySphere, 1),
      inEvery07: count(stability07, 1),
      inEvery09: count(stability09, 1),
    };
  });
}
