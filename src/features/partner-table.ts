// Who the partner of every feature is in one other SAE, from the best matches and the assignment of their decoder rows.
import type { Best, BestMatches } from '../kernel/interface.js';
import type { FeatureMatches, Side } from '../metrics/pairs/pair-loop.js';

/** All arrays [n], n = features of the SAE that have a direction. */
export interface PartnerTable {
  /** Ascending. */
  readonly features: Int32Array;
  /** Feature of the other SAE with the largest |cosine| of decoder rows. */
  readonly partner: Int32Array;
  /** Signed cosine with it. */
  readonly cosine: Float64Array;
  /** |cosine| less the second largest |cosine|; |cosine| itself where there is no second. */
  readonly margin: Float64Array;
  /** 1 where each is the other's partner, else 0. */
  readonly mutual: Uint8Array;
  /** One-to-one partner, as in `decoder.matched`; −1 where there is none. */
  readonly assigned: Int32Array;
  /** Signed cosine with that one; 0 where there is none. */
  readonly assignedCosine: Float64Array;
}

/**
 * The features of `mine` seen in `theirs`.
 * @param best of unit rows, `mine` as A @param assigned signed, seen from `mine`
 */
export function partnerTable(
  mine: Pick<Side, 'features'>,
  theirs: Pick<Side, 'features'>,
  { aToB, bToA }: BestMatches,
  assigned: Pick<FeatureMatches, 'partner' | 'best'>,
): PartnerTable {
  const { index, value, secondValue } = aToB.abs;
  return {
    features: mine.features,
    partner: index.map((at) => theirs.features[at]),
    cosine: signedCosines(aToB),
    margin: value.map((v, i) => Math.min(1, v) - Math.min(1, secondValue[i])),
    mutual: Uint8Array.from(index, (at, i) => (bToA.abs.index[at] === i ? 1 : 0)),
    assigned: assigned.partner,
    assignedCosine: assigned.best,
  };
}

/** Cosines with the partners by absolute value. The largest |cosine| is also the largest cosine, or it is negative. */
function signedCosines({ signed, abs }: { readonly signed: Best; readonly abs: Best }): Float64Array {
  return abs.value.map((value, i) => {
    const cosine = signed.index[i] === abs.index[i] ? signed.value[i] : -value;
    // Unit rows are rounded to float32, so a product can exceed 1 by that rounding.
    return Math.max(-1, Math.min(1, cosine));
  });
}
