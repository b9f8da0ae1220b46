// weights.degenerate: do decoder rows have a direction and a size of their own?
//
// Degenerate are rows with a near-parallel row in the same SAE (counted as one feature twice), and rows that
// are not zero but shorter than 0.01 (their direction is rounding). A decoder without any spread counts whole.
import { mean } from '../../stats/summary.js';
import { type Evidence, type MemberEvidence, usable } from '../evidence.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'weights.degenerate';

/** A few repeated features are normal in wide dictionaries; one in twenty moves a one-to-one comparison. */
const some = 0.05;

/** Beyond this the dictionary is not what its width says. */
const most = 0.5;

export function checkDegenerateWeights(evidence: Evidence): Finding {
  const members = usable(evidence.members);
  if (members.length === 0) return inconclusive(id, []);
  const numbers = {
    degenerateShare: mean(members.map(degenerateShare)),
    parallelFeatures: mean(members.map((m) => m.parallelFeatures ?? 0)),
    tinyFeatures: mean(members.map(tinyFeatures)),
    dSae: Math.max(...members.map((m) => m.features)),
  };
  if (numbers.degenerateShare <= some) return refuted(id, numbers);
  return supported(id, numbers.degenerateShare > most ? 'fail' : 'warn', numbers);
}

/** Rows that are short but not zero; zero rows have a finding of their own. */
function tinyFeatures({ usage, numerics }: MemberEvidence): number {
  return usage.deadByNorm - numerics.zeroFeatures;
}

function degenerateShare(member: MemberEvidence): number {
  const flat = member.weights?.decoder.std === 0 && member.features * member.width > 1;
  if (flat) return 1;
  return Math.min(1, ((member.parallelFeatures ?? 0) + tinyFeatures(member)) / member.features);
}
