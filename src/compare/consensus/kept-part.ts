// What a dictionary keeps: how much of held-out rows it explains, beside the SAEs that it comes from, whole and cut to its width.
//
// An SAE is cut to its W features that fire most often (on all activations), whose decoder rows are longest, or that are drawn; it encodes with
// those alone, as many a row as before. Each cut of each SAE is measured, and the best of each kind is told.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { encode } from '../../sae/encode.js';
import { type FitSums, fitOf, squaredErrors } from '../../sae/fit.js';
import { firingOf, type Member } from '../../sae/member.js';
import { dSae, type Sae, takeFeatures } from '../../sae/sae.js';
import { type Matrix, rowNorms, rowRange } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';

export const cutKinds = ['firing', 'norm', 'random'] as const;
export type CutKind = (typeof cutKinds)[number];

export interface HeldOutFit {
  readonly features: number;
  readonly explainedVariance: number;
  /** Active features a row. */
  readonly l0: number;
  /** Features that fire on none of the held-out rows. */
  readonly dead: number;
}

export interface MemberFit extends HeldOutFit {
  readonly id: string;
}

const blockRows = 4096;

/** On rows X [N×d], N ≥ 1. */
export async function heldOutFit(
  sae: Sae,
  x: Matrix,
  kernel: Kernel,
  work: WorkOptions,
): Promise<HeldOutFit> {
  const fires = new Uint8Array(dSae(sae));
  let [errors, active] = [0, 0];
  for (let from = 0; from < x.rows; from += blockRows) {
    const rows = rowRange(x, from, Math.min(x.rows, from + blockRows));
    const codes = await encode(sae, rows, kernel, work);
    for (const feature of codes.indices) fires[feature] = 1;
    active += codes.indices.length;
    for (const error of await squaredErrors(sae, rows, codes, rows, kernel, work)) errors += error;
  }
  const sums: FitSums = { rows: x.rows, width: x.cols, errors, spread: spreadOf(x), active };
  const { explainedVariance, l0 } = fitOf(sums);
  return {
    features: dSae(sae),
    explainedVariance,
    l0,
    dead: fires.reduce((count, one) => count + (one === 0 ? 1 : 0), 0),
  };
}

/** Σ(x − x̄)²; 0 where only rounding is left of it. */
function spreadOf({ rows, cols, data }: Matrix): number {
  const means = new Float64Array(cols);
  let squares = 0;
  for (let e = 0; e < data.length; e++) {
    means[e % cols] += data[e];
    squares += data[e] ** 2;
  }
  let sum = 0;
  for (let e = 0; e < data.length; e++) sum += (data[e] - means[e % cols] / rows) ** 2;
  return sum <= 1e-20 * squares ? 0 : sum;
}

/** The SAE with so many of its features, which it is asked to have. @param seed of what is drawn */
export function cut(member: Member, width: number, kind: CutKind, seed: number): Sae {
  const { sae, id } = member;
  const worth = worthOf(member, kind, seed);
  const best = Int32Array.from({ length: dSae(sae) }, (_, i) => i).sort(
    (i, j) => worth[j] - worth[i] || i - j,
  );
  const kept = takeFeatures(sae, best.subarray(0, width).sort());
  if (!('k' in kept.activation)) return kept;
  return { ...kept, activation: { ...kept.activation, k: Math.min(kept.activation.k, dSae(kept)) } };

  function worthOf(one: Member, by: CutKind, drawn: number): ArrayLike<number> {
    if (by === 'firing') return firingOf(one)?.counts ?? new Int32Array(dSae(sae));
    if (by === 'norm') return rowNorms(sae.decoder);
    return new Rng(drawn, 'consensus', 'cut', id).permutation(dSae(sae));
  }
}
