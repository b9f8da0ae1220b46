// A view of features: by what two of them are taken for the same, and how likely that is by accident.
//
// A view gives, for each pair of SAEs, the features that are each other's nearest, and of any pairs that are asked for the cosine
// and a p-value. The p-value of a pair is the larger of both ways round: of the chance that the best of as many features of the
// other SAE's null is as near to the one, and to the other. A pair of nearest features of SAEs that have nothing in common has
// at most that chance; of a pair that is not nearest it is larger than need be.
import type { WorkOptions } from '../../kernel/interface.js';

/** Pairs of features of two SAEs [m]. */
export interface FeaturePairs {
  /** [m] features of the first SAE */
  readonly i: Int32Array;
  /** [m] features of the second */
  readonly j: Int32Array;
}

/** How alike the features of each pair are. */
export interface Likeness {
  /** [m] signed */
  readonly cosine: Float64Array;
  /** [m] */
  readonly pValue: Float64Array;
}

export type MutualPairs = FeaturePairs & Likeness;

export const viewNames = ['directions', 'codes', 'both'] as const;
export type ViewName = (typeof viewNames)[number];

/** SAEs are numbered in the order of the members. */
export interface FeatureView {
  readonly by: ViewName;
  /** Features of each SAE that can have a partner, ascending. */
  readonly features: readonly Int32Array[];
  /** Those of SAEs a and b that are each other's nearest by |cosine|, ascending by i. */
  mutual(a: number, b: number, work: WorkOptions): Promise<MutualPairs>;
  /** Any pairs of features of SAEs a and b. */
  likeness(a: number, b: number, pairs: FeaturePairs, work: WorkOptions): Promise<Likeness>;
}

/** Pairs that are each other's nearest in both views; as near as in the one in which they are less so. */
export function bothViews(one: FeatureView, other: FeatureView): FeatureView {
  return {
    by: 'both',
    features: one.features.map((features, s) => {
      const known = new Set(other.features[s]);
      return features.filter((feature) => known.has(feature));
    }),
    mutual: async (a, b, work) => {
      const [first, second] = [await one.mutual(a, b, work), await other.mutual(a, b, work)];
      const partnerOf = new Map(Array.from(second.i, (i, e) => [i, e]));
      const kept = Array.from(first.i.keys()).filter((e) => {
        const at = partnerOf.get(first.i[e]);
        return at !== undefined && second.j[at] === first.j[e];
      });
      const at = Int32Array.from(kept, (e) => partnerOf.get(first.i[e])!);
      const chosen = Int32Array.from(kept);
      return {
        i: chosen.map((e) => first.i[e]),
        j: chosen.map((e) => first.j[e]),
        ...lesser(taken(first, chosen), taken(second, at)),
      };
    },
    likeness: async (a, b, pairs, work) =>
      lesser(await one.likeness(a, b, pairs, work), await other.likeness(a, b, pairs, work)),
  };
}

function taken({ cosine, pValue }: Likeness, at: Int32Array): Likeness {
  return {
    cosine: Float64Array.from(at, (e) => cosine[e]),
    pValue: Float64Array.from(at, (e) => pValue[e]),
  };
}

/** The smaller |cosine| with the sign of the first, and the larger p-value. */
function lesser(one: Likeness, other: Likeness): Likeness {
  return {
    cosine: one.cosine.map((c, e) => Math.sign(c) * Math.min(Math.abs(c), Math.abs(other.cosine[e]))),
    pValue: one.pValue.map((p, e) => Math.max(p, other.pValue[e])),
  };
}
