// Whether decoder rows can be as near to unknown starts as the shape of their entries makes them look.
//
// A row is u = c·s + √(1 − c²)·l, with s its start and l what was learned. Of separate runs s and s′ are independent, and
//   u·v = c²·s·s′ + c·√(1 − c²)·(s·l′ + l·s′) + (1 − c²)·l·l′.
// All but the last are cosines as chance gives them, so that the score is about
//   c²·chance + 2c·√(1 − c²)·chance + 1 − c²
// at the most, had both runs learned the same. Rows that agree by more are not that near to their starts: then entries are
// uniform for another reason, as where the model's own directions are.
import { mean } from '../stats/summary.js';
import { areDependent } from './dependent-pairs.js';
import type { Evidence, MemberEvidence } from './evidence.js';

/** By so much more, or neither the estimate nor the score is known well enough to contradict each other. */
const clear = 0.05;

/**
 * Separate runs agree by more than rows at this cosine with their starts can.
 * @param cosine of the rows of live features, where it is known which are
 */
export function agreesBeyondStart(
  evidence: Pick<Evidence, 'metrics' | 'dependence'>,
  cosine: number,
): boolean {
  const score = evidence.metrics['decoder.max.live'] ?? evidence.metrics['decoder.max'];
  if (!score?.null) return false;
  const chance = score.null.mean;
  const separate = score.pairs.filter(({ a, b }) => !areDependent(evidence, a, b));
  const left = 1 - cosine ** 2;
  const most = cosine ** 2 * chance + 2 * cosine * Math.sqrt(left) * chance + left;
  // Without separate pairs there is no mean, which is beyond nothing.
  return mean(separate.map(({ value }) => value)) > most + clear;
}

/**
 * Cosine of the rows of live features, as far as it is known which are, with their start: by the start where that is known,
 * else by the shape of the entries as far as that is to be believed, which without activations it is not. Undefined where neither tells.
 */
export function startCosine(
  { init, start }: MemberEvidence,
  evidence: Pick<Evidence, 'metrics' | 'dependence' | 'activations'>,
): number | undefined {
  if (init) return init.cosineMedianLive ?? init.cosineMedian;
  if (!evidence.activations) return undefined;
  const estimated = start?.cosineLive ?? start?.cosine ?? 0;
  return estimated > 0 && !agreesBeyondStart(evidence, estimated) ? estimated : undefined;
}
