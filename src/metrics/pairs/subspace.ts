// subspace.R: how far the leading R directions of two decoders span the same space, R = 8, 16, 32, 64.
//
// score = ‖U_aᵀU_b‖²_F / R, U [d × R] the leading right singular vectors of the decoder rows, each at length 1, not
// centred. The literature takes the decoder as it stands (HUSAI's subspace overlap; trained decoders mostly have
// unit rows); how long a row is says nothing about what a feature means, so that here it does not count. Rows of
// norm 0 have no direction: left out and counted.
import type { Kernel } from '../../kernel/interface.js';
import { type Subspace, subspaceOverlap } from '../../kernel/spectrum.js';
import type { Member } from '../../sae/member.js';
import type { MetricContext } from '../context.js';
import { directionSides } from './directions.js';
import type { GroupScores } from './pair-loop.js';
import { pairsOf } from './pair-scores.js';
import type { PairWork } from './unit-rows.js';

export const subspaceRanks = [8, 16, 32, 64] as const;
export type SubspaceRank = (typeof subspaceRanks)[number];

/**
 * Smallest σ_R / σ_1 of a direction that is there, and smallest (σ²_R − σ²_{R+1}) / σ²_R of one that can be told from
 * the next: both above what the rounding of unit rows to float32 makes.
 */
const smallest = { value: 1e-5, gap: 1e-6 };

/** The scores of a group of every R that can be scored. */
export function subspacesOf({
  members,
  kernel,
  work,
  units,
  once,
}: MetricContext): ReturnType<typeof subspaceScores> {
  return once('subspace', () => subspaceScores(members, kernel, { units, ...work }));
}

/**
 * The score of every R that can be scored, from one spectrum per member. An R is left out unless R < d and, in every
 * member, R is at most the rank and the R-th direction stands apart from the next; all of them where some member has
 * no direction, or below two members.
 * @throws input.shape when the members differ in d
 */
export async function subspaceScores(
  members: readonly Member[],
  kernel: Kernel,
  { units, ...work }: PairWork = {},
): Promise<(GroupScores & { readonly rank: SubspaceRank })[]> {
  const { sides, withUnits } = directionSides(
    members.map(({ id, sae }) => ({ id, rows: sae.decoder })),
    units,
  );
  if (sides.length < 2 || sides.some(({ features }) => features.length === 0)) return [];
  const d = members[0].sae.decoder.cols;
  // One more than is scored, so that each R has a next value to stand apart from.
  const most = Math.min(d, Math.max(...subspaceRanks) + 1);
  const spectra: Subspace[] = [];
  for (const i of sides.keys()) {
    spectra.push(await withUnits([i], (unit) => kernel.topSubspace(unit, most, work)));
  }
  return subspaceRanks.flatMap((rank) => {
    if (rank >= d || !spectra.every((s) => standsApart(s, rank))) return [];
    const subspaces = spectra.map((s) => leading(s, rank, d));
    const pairs = pairsOf(sides.length).map(([i, j]) => {
      const value = Math.min(1, subspaceOverlap(subspaces[i], subspaces[j]));
      return { a: sides[i].id, b: sides[j].id, value, aToB: value, bToA: value };
    });
    return [
      {
        id: `subspace.${rank}` as const,
        rank,
        pairs,
        leftOut: sides.reduce((sum, side) => sum + side.leftOut, 0),
        members: sides.map(({ id }) => id),
        widths: sides.map(({ features }) => features.length),
      },
    ];
  });
}

/** The score of one R; undefined where it is left out. @throws input.shape when the members differ in d */
export async function subspace(
  members: readonly Member[],
  kernel: Kernel,
  { rank, ...options }: PairWork & { readonly rank: SubspaceRank },
): Promise<GroupScores | undefined> {
  return (await subspaceScores(members, kernel, options)).find((scores) => scores.rank === rank);
}

function standsApart({ values }: Subspace, rank: number): boolean {
  const [largest, last, next] = [values[0], values[rank - 1], values[rank]];
  return last > smallest.value * largest && last ** 2 - next ** 2 > smallest.gap * last ** 2;
}

function leading({ vectors, values, gap }: Subspace, rank: number, d: number): Subspace {
  return { vectors: vectors.subarray(0, rank * d), values: values.subarray(0, rank), gap };
}
