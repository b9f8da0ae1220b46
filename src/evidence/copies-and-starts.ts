// What two SAEs have in common that training on the same data does not explain: copies, and a shared start.
//
// Copies have the same decoder directions, in whatever order, sign and length. A shared start shows, even where it is
// not known, in decoder rows that agree index by index: cosines of rows i and i are held against cosines of rows i and
// i + s for fixed shifts s, so that directions which all features share count for nothing.

import type { PairMatches } from '../metrics/pairs/pair-loop.js';
import type { Member } from '../sae/member.js';
import type { SaeWeights } from '../sae/sae.js';
import { mean, sampleSd } from '../stats/summary.js';
import { dots, rowNorms } from '../tensor/matrix.js';

/** A |cosine| that only rounding to half precision or a change of length keeps from 1. */
const same = 0.9999;

/** Decoder rows before training that are the same to float32. */
const sameStart = 0.999999;

/** How many shifts the cosines at the same index are held against. */
const mostShifts = 32;

/** Features whose direction the other SAE has too, as a share: the lower of both ways round, 0 … 1. */
export function sameFeatures({ aToB, bToA }: PairMatches): number {
  const share = ({ best }: PairMatches['aToB']) =>
    best.length === 0 ? 0 : best.filter((cosine) => cosine >= same).length / best.length;
  return Math.min(share(aToB), share(bToA));
}

/** Whether two SAEs started from the same decoder; undefined where one start is unknown. */
export function sameInit(a: Member, b: Member): boolean | undefined {
  if (!a.init || !b.init) return undefined;
  const cosines = indexCosines(a.init, b.init, a.init.decoder.rows);
  return cosines?.(0).every((cosine) => cosine >= sameStart) ?? false;
}

/** Agreement of decoder rows of the same index beyond that of rows of different index. */
export interface IndexAgreement {
  /** Mean cosine of rows i and i. */
  readonly mean: number;
  /** Mean and SD, over shifts s, of the mean cosine of rows i and i + s. */
  readonly shifted: number;
  readonly shiftedSd: number;
}

/** Undefined where the widths differ, or there are fewer than four features. */
export function indexAgreement(a: SaeWeights, b: SaeWeights): IndexAgreement | undefined {
  const features = a.decoder.rows;
  const at = indexCosines(a, b);
  if (!at || features < 4) return undefined;
  const count = Math.min(mostShifts, features - 1);
  const shifted = Array.from({ length: count }, (_, s) =>
    mean(at(1 + Math.floor((s * (features - 1)) / count))),
  );
  return { mean: mean(at(0)), shifted: mean(shifted), shiftedSd: sampleSd(shifted) };
}

/** Rows that tell of all, evenly spaced: their mean cosine scatters by 1/√(1024·d) where rows have nothing in common. */
const mostRows = 1024;

/** Cosines of row i of one decoder with row i + shift of the other, by shift, of `most` rows; rows of length 0 count 0. */
function indexCosines(
  a: SaeWeights,
  b: SaeWeights,
  most = mostRows,
): ((shift: number) => Float64Array) | undefined {
  const [one, other] = [a.decoder, b.decoder];
  if (one.rows !== other.rows || one.cols !== other.cols) return undefined;
  const [norms, others] = [rowNorms(one), rowNorms(other)];
  const count = Math.min(most, one.rows);
  const rows = Int32Array.from({ length: count }, (_, n) => Math.floor((n * one.rows) / count));
  return (shift) => {
    const shifted = rows.map((i) => (i + shift) % one.rows);
    return dots(one, rows, other, shifted).map((product, n) => {
      const scale = norms[rows[n]] * others[shifted[n]];
      return scale === 0 ? 0 : product / scale;
    });
  };
}
