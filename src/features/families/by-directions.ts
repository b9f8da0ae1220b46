// Features seen by their directions: decoder rows, held against directions that crowd like those of the other SAE.
import { throwIfCancelled } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { directionSides } from '../../metrics/pairs/directions.js';
import { UnitRows } from '../../metrics/pairs/unit-rows.js';
import { liveOf, type Member } from '../../sae/member.js';
import { dots, type Matrix, takeRows } from '../../tensor/matrix.js';
import type { FeatureStability } from '../feature-stability.js';
import { type CrowdToMatch, crowdToMatch, significanceInCrowd } from '../significance.js';
import type { FeaturePairs, FeatureView, Likeness, MutualPairs } from './view.js';

export interface DirectionOptions {
  /** Holds the unit rows, for others too. */
  readonly units?: UnitRows;
  /** The features of the same members, where they are known: nearest features and p-values are taken from there. */
  readonly known?: FeatureStability;
}

/**
 * Features that fire on no row are left out where codes are known: they are where they began.
 * @throws input.shape when the members differ in d
 */
export function byDirections(
  members: readonly Member[],
  kernel: Kernel,
  { units = new UnitRows(), known }: DirectionOptions = {},
): FeatureView {
  const { sides, withUnits } = directionSides(
    members.map(({ id, sae }) => ({ id, rows: sae.decoder })),
    units,
  );
  const live = members.map((member, s) => {
    const fires = liveOf(member);
    const rate = known?.summaries[s]?.firingRate;
    if (fires) return new Set(fires);
    return rate && new Set(sides[s].features.filter((feature) => rate[feature] > 0));
  });
  const places = sides.map(({ features }) => new Map(Array.from(features, (feature, at) => [feature, at])));
  const crowds: (Promise<CrowdToMatch> | undefined)[] = [];
  const crowdOf = (s: number, unit: Matrix, work: WorkOptions) => {
    crowds[s] ??= crowdToMatch(unit, kernel, work);
    return crowds[s];
  };
  const likeness = (a: number, b: number, { i, j }: FeaturePairs, work: WorkOptions): Promise<Likeness> =>
    withUnits([a, b], async (ofA, ofB) => {
      const [at, bt] = [
        i.map((feature) => places[a].get(feature)!),
        j.map((feature) => places[b].get(feature)!),
      ];
      // Unit rows are rounded to float32, so a product can exceed 1 by that rounding.
      const cosine = dots(ofA, at, ofB, bt).map((c) => Math.max(-1, Math.min(1, c)));
      if (cosine.length === 0) return { cosine, pValue: new Float64Array(0) };
      const [crowdA, crowdB] = [await crowdOf(a, ofA, work), await crowdOf(b, ofB, work)];
      const there = await significanceInCrowd(takeRows(ofA, at), cosine, crowdB, kernel, work);
      const back = await significanceInCrowd(takeRows(ofB, bt), cosine, crowdA, kernel, work);
      return { cosine, pValue: there.map((p, e) => Math.max(p, back[e])) };
    });
  const alive = ({ i, j }: FeaturePairs, a: number, b: number): number[] =>
    [...i.keys()].filter((e) => (live[a]?.has(i[e]) ?? true) && (live[b]?.has(j[e]) ?? true));
  const nearest = async (a: number, b: number, work: WorkOptions): Promise<FeaturePairs> => {
    const { i, j } = await withUnits([a, b], (ofA, ofB) => mutualRows(ofA, ofB, kernel, work));
    return { i: i.map((at) => sides[a].features[at]), j: j.map((at) => sides[b].features[at]) };
  };
  return {
    by: 'directions',
    features: sides.map(({ features }, s) => features.filter((feature) => live[s]?.has(feature) ?? true)),
    mutual: async (a, b, work) => {
      throwIfCancelled(work.signal);
      const found = known && mutualIn(known, sides[a].id, sides[b].id);
      if (found) return take(found, alive(found, a, b));
      const pairs = await nearest(a, b, work);
      const kept = takePairs(pairs, alive(pairs, a, b));
      return { ...kept, ...(await likeness(a, b, kept, work)) };
    },
    likeness,
  };
}

/** Rows of two sides that are each other's best match. */
async function mutualRows(a: Matrix, b: Matrix, kernel: Kernel, work: WorkOptions): Promise<FeaturePairs> {
  const { aToB, bToA } = await kernel.bestMatches(a, b, work);
  const { index } = aToB.abs;
  const i = Int32Array.from(index.keys()).filter((at) => bToA.abs.index[index[at]] === at);
  return { i, j: i.map((at) => index[at]) };
}

/** The same from tables of features. */
function mutualIn({ matches }: FeatureStability, a: string, b: string): MutualPairs {
  const there = matches.find(({ sae, other }) => sae === a && other === b)!;
  const back = matches.find(({ sae, other }) => sae === b && other === a)!;
  const placeIn = new Map(Array.from(back.features, (feature, at) => [feature, at]));
  const at = Array.from(there.features.keys()).filter((e) => there.mutual[e] === 1);
  return {
    i: Int32Array.from(at, (e) => there.features[e]),
    j: Int32Array.from(at, (e) => there.partner[e]),
    cosine: Float64Array.from(at, (e) => there.cosine[e]),
    pValue: Float64Array.from(at, (e) =>
      Math.max(there.pValue[e], back.pValue[placeIn.get(there.partner[e])!]),
    ),
  };
}

function takePairs({ i, j }: FeaturePairs, at: readonly number[]): FeaturePairs {
  return { i: Int32Array.from(at, (e) => i[e]), j: Int32Array.from(at, (e) => j[e]) };
}

function take(pairs: MutualPairs, at: readonly number[]): MutualPairs {
  return {
    ...takePairs(pairs, at),
    cosine: Float64Array.from(at, (e) => pairs.cosine[e]),
    pValue: Float64Array.from(at, (e) => pairs.pValue[e]),
  };
}
