// Features that fire on most rows, how much of the mean of the activations they write, and members without them.
import { type Firing, firingOf, type Member } from '../sae/member.js';
import { row, takeRows } from '../tensor/matrix.js';
import { takeCodeColumns } from '../tensor/sparse-codes.js';
import type { Evidence } from './evidence.js';

/** A feature that fires on this share of the rows or more says nothing by firing. */
const always = 0.95;

/** One that fires on this share is about what rows have in common, more than about what tells them apart. */
const dense = 0.5;

/** Half of the squared length in the mean: what rows have in common outweighs what tells them apart. */
const large = 0.5;

/** A third of the mean: what a bias has not taken up by the end of the training. */
const notTakenUp = 1 / 3;

/** [F] 1 where a feature fires on at least 95 % of the rows, else 0. */
export function alwaysOn(firing: Firing): Uint8Array {
  return firingOn(always, firing);
}

/** [F] 1 where a feature fires on at least half of the rows, else 0. */
export function denseFeatures(firing: Firing): Uint8Array {
  return firingOn(dense, firing);
}

function firingOn(share: number, { counts, rows }: Firing): Uint8Array {
  return Uint8Array.from(counts, (count) => (count > 0 && count >= share * rows ? 1 : 0));
}

/**
 * Σ z̄ᵢ dᵢ·m / ‖m‖² over features i that fire on at least half of the rows, z̄ the mean code, m the mean of the activations [d]. Undefined without codes,
 * for an SAE that reads or writes something else, and where there is no mean.
 */
export function meanWritten(member: Member, mean: Float64Array): number | undefined {
  const { sae, codes, activations } = member;
  const firing = firingOf(member);
  if (!firing || !codes || codes.rows === 0 || activations || sae.transcoder || sae.inputNorm)
    return undefined;
  const square = mean.reduce((sum, m) => sum + m * m, 0);
  if (square === 0) return undefined;
  const on = denseFeatures(firing);
  const sums = new Float64Array(on.length);
  for (let e = 0; e < codes.indices.length; e++) sums[codes.indices[e]] += codes.values[e];
  return on.reduce((written, is, i) => {
    if (is === 0) return written;
    const along = row(sae.decoder, i).reduce((dot, value, j) => dot + value * mean[j], 0);
    return written + (sums[i] / codes.rows) * (along / square);
  }, 0);
}

type Measured = Pick<Evidence, 'activations' | 'members'>;

/** Part of the mean that features write which fire on at least half of the rows, on average over SAEs. */
export function meanLeftToFeatures({ members }: Pick<Evidence, 'members'>): number | undefined {
  const parts = members.flatMap(({ meanWritten }) => meanWritten ?? []);
  return parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

/** Whether the mean outweighs what tells rows apart, and features have to write it. */
export function meanMatters(evidence: Measured): boolean {
  return (evidence.activations?.meanShare ?? 0) > large && (meanLeftToFeatures(evidence) ?? 0) > notTakenUp;
}

/** The member without these features, as far as scores see it. @param left [F] 1 where a feature is left out */
export function withoutFeatures(member: Member, left: Uint8Array): Member {
  const { sae, init, codes, initCodes, firing } = member;
  const kept = Int32Array.from(left.keys()).filter((i) => left[i] === 0);
  const take = <W extends NonNullable<Member['init']>>(weights: W): W => ({
    ...weights,
    encoder: takeRows(weights.encoder, kept),
    encoderBias: Float32Array.from(kept, (i) => weights.encoderBias[i]),
    decoder: takeRows(weights.decoder, kept),
  });
  return {
    ...member,
    sae: take(sae),
    ...(init ? { init: take(init) } : {}),
    ...(codes ? { codes: takeCodeColumns(codes, kept) } : {}),
    ...(initCodes ? { initCodes: takeCodeColumns(initCodes, kept) } : {}),
    ...(firing ? { firing: { ...firing, counts: Int32Array.from(kept, (i) => firing.counts[i]) } } : {}),
  };
}
