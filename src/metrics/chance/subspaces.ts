// The level of a subspace overlap for decoders of a given shape: exact, and drawn as a check on it.
import { ReseedError } from '../../errors.js';
import { subspaceOverlap } from '../../kernel/spectrum.js';
import { drawScores } from '../draws/draw-scores.js';
import type { Metric } from '../metric.js';
import { randomSubspacesNull } from '../nulls/random-subspaces.js';
import { randomDirections } from './best-match.js';
import { checkOf } from './check.js';

/** @throws usage.argument where decoders of this shape have no such subspace */
export function subspaceLevel(rank: number): NonNullable<Metric['chance']> {
  return {
    name: `subspace, ${rank}`,
    level: async (widths, d) => {
      const most = Math.min(d - 1, ...widths);
      if (rank > most) {
        throw new ReseedError('usage.argument', 'no subspace of that size', {
          field: 'metric',
          found: `${rank} directions of ${widths.join(' and ')} features in ${d} dimensions`,
          expected: `at most ${most}`,
        });
      }
      return randomSubspacesNull(rank, d, widths.length);
    },
    check: async (_, d, { kernel, seed, draws, precision: _default, ...work }) => {
      const [drawn] = await drawScores(
        {
          stream: 'random-subspaces',
          labels: [rank, rank],
          // As many random directions as the subspace has span a uniform one.
          make: (_member, rng) => kernel.topSubspace(randomDirections(rank, d, rng), rank, work),
          score: async (a, b) => [subspaceOverlap(a, b)],
          whole: true,
        },
        { seed, draws, precision: 0, ...work },
      );
      return checkOf('pairs', drawn);
    },
  };
}
