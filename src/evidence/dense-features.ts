// Features that fire on most rows, how much of the mean of the activations they write, and members without them.
import { type Firing, firingOf, type Member } from '../sae/member.js';
import { mean } from '../stats/summary.js';
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
export function meanWritten(member: Member, centre: Float64Array): number | undefined {
  const { sae, codes, activations } = member;
  const firing = firingOf(member);
  if (!firing || !codes || codes.rows === 0 || activations || sae.transcoder || sae.inputNorm)
    return undefined;
  const square = centre.reduce((sum, m) => sum + m * m, 0);
  if (square === 0) return undefined;
  const on = denseFeatures(firing);
  const sums = new Float64Array(on.length);
  for (let e = 0; e < codes.indices.length; e++) sums[codes.indices[e]] += codes.values[e];
  return on.reduce((written, is, i) => {
    if (is === 0) return written;
    const along = row(sae.decoder, i).reduce((dot, value, j) => dot + value * centre[j], 0);
    return written + (sums[i] / codes.rows) * (along / square);
  }, 0);
}

type Measured = Pick<Evidence, 'activations' | 'members'>;

/** A few features that stand for what all activations share are usual. */
const some = 0.1;

/** Share of the live features of an SAE that are always on, on average over SAEs with live features. */
export function alwaysOnShare({ members }: Pick<Evidence, 'members'>): number | undefined {
  const shares = members.flatMap(({ usage: { live = 0, alwaysOn: on } }) =>
    live > 0 && on !== undefined ? [on / live] : [],
  );
  return shares.length === 0 ? undefined : mean(shares);
}

/** Whether so many features are always on that a score of codes is about them. */
export function manyAlwaysOn(evidence: Pick<Evidence, 'members'>): boolean {
  return (alwaysOnShare(evidence) ?? 0) > some;
}

/** Part of the mean that features write which fire on at least half of the rows, on average over SAEs. */
export function meanLeftToFeatures({ members }: Pick<Evidence, 'members'>): number | undefined {
  const parts = members.flatMap(({ meanWritten }) => meanWritten ?? []);
  return parts.length === 0 ? undefined : mean(parts);
}

/** Whether the mean outweighs what tells rows apart. */
export function isLargeMean({ activations }: Pick<Evidence, 'activations'>): boolean {
  return (activations?.meanShare ?? 0) > large;
}

/** And whether features have to write it. */
export function meanMatters(evidence: Measured): boolean {
  return isLargeMean(evidence) && (meanLeftToFeatures(evidence) ?? 0) > notTakenUp;
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
