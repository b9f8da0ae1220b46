// activation.matched.live: mean cosine over the best one-to-one assignment of the code columns of live features.
//
// c_ij = Σ_n a_ni·b_nj / (‖a_·i‖·‖b_·j‖) over the rows of the data, not centred, signed; score = (1/P) Σ c(i, π(i)) over
// the P = min(F, G) pairs of the assignment with the largest sum. Features that never fire together have c = 0 and
// may be a pair.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { liveFeatures } from '../../tensor/sparse-codes.js';
import { codesOf, requireSameRows } from './activation.js';
import { type MatchedScores, type SolvedAssignment, scoreAssignments, solved } from './matched.js';

/**
 * Undefined where some member has no codes or no live feature.
 * @throws input.shape when the codes are not of the same rows; input.non-finite
 */
export async function activationMatched(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<MatchedScores | undefined> {
  const group = codesOf(members);
  if (!group) return undefined;
  requireSameRows(group);
  const sides = group.map(({ id, codes }) => ({ id, features: liveFeatures(codes), leftOut: 0 }));
  const solve = async (i: number, j: number): Promise<SolvedAssignment> => {
    const found = await kernel.assignCodes(group[i].codes, group[j].codes, options);
    const places = new Map(Array.from(sides[j].features, (feature, at) => [feature, at]));
    return solved({
      ...found,
      partner: sides[i].features.map((feature) => places.get(found.partner[feature]) ?? -1),
      value: Float64Array.from(sides[i].features, (feature) => found.value[feature]),
    });
  };
  return scoreAssignments('activation.matched.live', sides, solve, {
    ...options,
    atOnce: 2,
  });
}
