// subspace.8, .16, .32, .64: how far the R directions that two decoders use most span the same space.
import { subspaceLevel } from './chance/subspaces.js';
import type { Metric } from './metric.js';
import { type SubspaceRank, subspacesOf } from './pairs/subspace.js';

function subspace<R extends SubspaceRank>(rank: R): Metric<`subspace.${R}`> {
  return {
    id: `subspace.${rank}`,
    family: 'subspace',
    words: {
      name: `overlap of the leading ${rank} decoder directions`,
      short: `subspace, ${rank}`,
      definition:
        `The ${rank} leading right singular vectors of either decoder span a subspace; the share of one that lies in ` +
        `the other (‖UₐᵀU_b‖² / ${rank}): 1 for the same subspace, whatever the features in it.`,
    },
    version: 1,
    needs: [],
    // The spectra are those that crowded directions are drawn with.
    work: {},
    compares: { of: 'subspaces', rank },
    null: 'random-subspaces',
    chance: subspaceLevel(rank),
    measure: async (context) => (await subspacesOf(context)).find((scores) => scores.rank === rank),
    control: { signless: true },
  };
}

export const subspace8 = subspace(8);
export const subspace16 = subspace(16);
export const subspace32 = subspace(32);
export const subspace64 = subspace(64);
