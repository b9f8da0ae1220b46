// The null of a subspace overlap: subspaces drawn uniformly, whose mean and SD are both exact.
//
// Let U be fixed and V a uniform R-subspace of Rᵈ, P and Q the projectors; the overlap is h = tr(PQ)/R.
// Mean. V is as likely as any rotation of it, so E[Q] commutes with all rotations: E[Q] = (R/d)·I, as tr Q = R. Hence
// E[h] = tr(P)·R/d / R = R/d, whatever U is.
// SD. E[Q_ij·Q_kl] = a·δ_ij·δ_kl + b·(δ_ik·δ_jl + δ_il·δ_jk), again by invariance. (tr Q)² = R² and tr Q² = R fix
// a·d² + 2b·d = R² and a·d + b·d(d + 1) = R, so b = R(d − R)/(d(d − 1)(d + 2)) and
// Var(tr PQ) = a·R² + 2b·R − (R²/d)² = 2b·R(d − R)/d, that is Var(h) = 2(d − R)²/(d²(d − 1)(d + 2)).
// As E[h | U] is the same for every U, overlaps that share an SAE are uncorrelated: SD of the mean = SD/√pairs.
// The leading singular vectors of rows drawn uniformly span such a subspace, since a rotation of the rows rotates it.
import { ReseedError } from '../../errors.js';
import { requirePairs } from '../draws/draw-scores.js';
import type { NullModel } from './model.js';
import { type Null, nullBand } from './null.js';

export const model: NullModel<'random-subspaces'> = {
  kind: 'random-subspaces',
  words: {
    name: 'null: random subspaces',
    short: 'random subspaces',
    definition:
      'Subspaces of that size drawn uniformly: they overlap by their size over the number of dimensions on average, ' +
      'exactly; the band follows from a formula too.',
    level: 'by chance',
    rival: 'random subspaces',
  },
  version: 1,
  keeps: [],
  decides: true,
  fits: ({ compares }) => compares.of === 'subspaces',
  work: () => ({}),
  level: async ({ compares }, { widths }, { members }) =>
    compares.of === 'subspaces'
      ? randomSubspacesNull(compares.rank, members[0].sae.decoder.cols, widths.length)
      : undefined,
};

/**
 * The null of `subspace.R` for the mean over all pairs of a group; nothing is drawn.
 * @param rank R, 1 … d @param d dimensions @param members number of SAEs, at least 2
 * @throws usage.argument outside these bounds
 */
export function randomSubspacesNull(rank: number, d: number, members: number): Null {
  if (!(Number.isInteger(rank) && Number.isInteger(d) && rank >= 1 && rank <= d)) {
    throw new ReseedError('usage.argument', 'no chance level of such a subspace', {
      field: 'rank',
      found: `${rank} of ${d} dimensions`,
      expected: `1 … ${d}`,
    });
  }
  requirePairs(members);
  const pairs = (members * (members - 1)) / 2;
  const variance = d === 1 ? 0 : (2 * (d - rank) ** 2) / (d * d * (d - 1) * (d + 2));
  return nullBand('random-subspaces', rank / d, Math.sqrt(variance / pairs), 0, true);
}
