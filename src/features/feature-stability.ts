// Feature by feature: who its partner in every other SAE is, how sure that is, and in how many of them it has one.
//
// The p-value of a best |cosine| c among the G directions of the other SAE is the chance that as many random directions
// hold one as near, that crowd into the same dimensions as they do: with their second moment (significance.ts). What two
// SAEs agree in because both use the same few dimensions is not significant. The same for directions anywhere on the
// sphere, 1 − G(c)^G (best-cosine.ts), stands beside it: nearly every feature of a real model passes that.
// q-values are adjusted over the features of one SAE seen in one other (Benjamini–Hochberg); a match is significant where
// q ≤ 0.05. `stability` is the share of the other SAEs with a significant match, `stabilitySphere` the same against the
// sphere, `stability07` and `stability09` the shares with |cosine| of at least 0.7 and 0.9.
import { throwIfCancelled } from '../errors.js';
import { initCosines } from '../evidence/init-cosine.js';
import { measuringVersions } from '../evidence/versions.js';
import { hashArrays, type Keep } from '../keep.js';
import type { BestMatches, Kernel, WorkOptions } from '../kernel/interface.js';
import { worthKeeping } from '../kernel/remembering.js';
import { directionSides } from '../metrics/pairs/directions.js';
import { decoderMatched, type MatchedScores } from '../metrics/pairs/matched.js';
import type { FeatureMatches, Side } from '../metrics/pairs/pair-loop.js';
import { pairsOf } from '../metrics/pairs/pair-scores.js';
import { UnitRows } from '../metrics/pairs/unit-rows.js';
import { firingOf, type Member } from '../sae/member.js';
import { maxSurvival } from '../stats/best-cosine.js';
import { benjaminiHochberg } from '../stats/multiple-testing.js';
import { type Matrix, rowNorms } from '../tensor/matrix.js';
import { type PartnerTable, partnerTable } from './partner-table.js';
import { type CrowdToMatch, crowdToMatch, significanceInCrowd } from './significance.js';

const { features: featuresVersion } = measuringVersions;

/** Expected share of false ones among the significant matches of a table. */
export const falseDiscoveryRate = 0.05;

/** The features of SAE `sae` seen in SAE `other`; all arrays [n], n = features of `sae` that have a direction. */
export interface FeatureMatchTable extends PartnerTable {
  readonly sae: string;
  readonly other: string;
  /** Against directions with the second moment of the other SAE's. */
  readonly pValue: Float64Array;
  readonly qValue: Float64Array;
  /** Against directions anywhere on the sphere. */
  readonly pValueSphere: Float64Array;
  readonly qValueSphere: Float64Array;
}

/** The features of one SAE, over all others; a feature without a direction has no match, so stability 0. */
export interface FeatureSummary {
  readonly sae: string;
  /** F */
  readonly features: number;
  /** [F] length of the decoder row */
  readonly norm: Float64Array;
  /** [F] share of the rows on which it fires; absent where codes are unknown */
  readonly firingRate?: Float64Array;
  /** [F] cosine with its row before training, 0 where a row has no direction; absent where init is unknown */
  readonly initCosine?: Float64Array;
  /** [F] share of the other SAEs in which it has a match with q ≤ 0.05 */
  readonly stability: Float64Array;
  /** [F] with qValueSphere ≤ 0.05 */
  readonly stabilitySphere: Float64Array;
  /** [F] with |cosine| ≥ 0.7 */
  readonly stability07: Float64Array;
  /** [F] with |cosine| ≥ 0.9 */
  readonly stability09: Float64Array;
}

export interface FeatureStability {
  /** One per SAE, in the order of the members. */
  readonly summaries: readonly FeatureSummary[];
  /** One per ordered pair: by `sae`, then by `other`, both in the order of the members. */
  readonly matches: readonly FeatureMatchTable[];
}

export interface StabilityOptions extends WorkOptions {
  /** Holds the unit rows, for others too. */
  readonly units?: UnitRows;
  /** `decoder.matched` of the same members, where it is known; computed otherwise. */
  readonly assignments?: Pick<MatchedScores, 'matches'>;
  /** Recalls the tables of a pair that take long, by what is compared. */
  readonly keep?: Keep;
}

/**
 * Undefined below two members, or where some member has no direction.
 * @throws input.shape when the members differ in d, or an SAE and its init in shape
 */
export async function featureStability(
  members: readonly Member[],
  kernel: Kernel,
  { assignments, units = new UnitRows(), keep, ...work }: StabilityOptions = {},
): Promise<FeatureStability | undefined> {
  const assigned = assignments ?? (await decoderMatched(members, kernel, { units, ...work }));
  if (!assigned) return undefined;
  const { sides, withUnits } = directionSides(
    members.map(({ id, sae }) => ({ id, rows: sae.decoder })),
    units,
  );
  const crowds: CrowdToMatch[] = [];
  for (const i of members.keys()) {
    throwIfCancelled(work.signal);
    crowds.push(await withUnits([i], (unit) => crowdToMatch(unit, kernel, work)));
  }
  const tables = members.map((): FeatureMatchTable[] => []);
  for (const [at, [i, j]] of pairsOf(members.length).entries()) {
    throwIfCancelled(work.signal);
    await withUnits([i, j], async (a, b) => {
      const { aToB, bToA } = assigned.matches[at];
      const [forth, back] = await keptPair(keep, [a, b], [sides[i], sides[j]], [aToB, bToA], async () => {
        const best = await kernel.bestMatches(a, b, work);
        const turned = { aToB: best.bToA, bToA: best.aToB };
        return [
          await matchTable(sides[i], a, sides[j], best, aToB, crowds[j], kernel, work),
          await matchTable(sides[j], b, sides[i], turned, bToA, crowds[i], kernel, work),
        ];
      });
      tables[i][j] = { ...forth, sae: sides[i].id, other: sides[j].id };
      tables[j][i] = { ...back, sae: sides[j].id, other: sides[i].id };
    });
  }
  // Values only: no SAE has a table in itself.
  const matches = tables.map((row) => Object.values(row));
  return {
    summaries: members.map((member, i) => summary(member, matches[i])),
    matches: matches.flat(),
  };
}

/** Both tables of a pair, recalled by unit rows, features and assignment: kept tables know no names. */
async function keptPair(
  keep: Keep | undefined,
  units: readonly Matrix[],
  sides: readonly Side[],
  assigned: readonly FeatureMatches[],
  compute: () => Promise<[FeatureMatchTable, FeatureMatchTable]>,
): Promise<[FeatureMatchTable, FeatureMatchTable]> {
  const [{ rows, cols }] = units;
  if (!keep || rows * cols * cols < worthKeeping) return compute();
  const hash = await hashArrays([
    Int32Array.of(cols),
    ...units.map(({ data }) => data),
    ...sides.map(({ features }) => features),
    ...assigned.flatMap(({ partner, best }) => [partner, best]),
  ]);
  return keep(['features-pair', featuresVersion, hash], compute);
}

async function matchTable(
  mine: Side,
  unit: Matrix,
  theirs: Side,
  best: BestMatches,
  assigned: FeatureMatches,
  crowd: CrowdToMatch,
  kernel: Kernel,
  work: WorkOptions,
): Promise<FeatureMatchTable> {
  const partners = partnerTable(mine, theirs, best, assigned);
  const { cosine } = partners;
  const pValue = await significanceInCrowd(unit, cosine, crowd, kernel, work);
  const onSphere = cosine.map((c) => maxSurvival(unit.cols, theirs.features.length, Math.abs(c)));
  return {
    sae: mine.id,
    other: theirs.id,
    ...partners,
    pValue,
    qValue: benjaminiHochberg(pValue),
    pValueSphere: onSphere,
    qValueSphere: benjaminiHochberg(onSphere),
  };
}

function summary(member: Member, tables: readonly FeatureMatchTable[]): FeatureSummary {
  const { id, sae } = member;
  const firing = firingOf(member);
  const features = sae.decoder.rows;
  const share = (holds: (table: FeatureMatchTable, i: number) => boolean): Float64Array => {
    const counts = new Float64Array(features);
    for (const table of tables) {
      table.features.forEach((feature, i) => {
        if (holds(table, i)) counts[feature]++;
      });
    }
    return counts.map((count) => count / tables.length);
  };
  const init = initCosines(member);
  const initCosine = new Float64Array(features);
  init?.features.forEach((feature, i) => {
    initCosine[feature] = init.cosines[i];
  });
  return {
    sae: id,
    features,
    norm: rowNorms(sae.decoder),
    ...(firing && firing.rows > 0
      ? { firingRate: Float64Array.from(firing.counts, (count) => count / firing.rows) }
      : {}),
    ...(init ? { initCosine } : {}),
    stability: share(({ qValue }, i) => qValue[i] <= falseDiscoveryRate),
    stabilitySphere: share(({ qValueSphere }, i) => qValueSphere[i] <= falseDiscoveryRate),
    stability07: share(({ cosine }, i) => Math.abs(cosine[i]) >= 0.7),
    stability09: share(({ cosine }, i) => Math.abs(cosine[i]) >= 0.9),
  };
}
