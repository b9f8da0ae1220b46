// weights.degenerate: do the rows of decoder and encoder have a direction and a size of their own?
//
// Degenerate are rows that are not zero but shorter than a hundredth of the others (their direction is rounding). A decoder without
// any spread counts whole, as does one most of whose rows repeat others, and an encoder whose rows mostly point along one line. One
// row of a size of its own is enough to look at the checkpoint. Fewer repeated rows are features.duplicated.

import { type Evidence, type MemberEvidence, usable } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo, type Sentence } from '../words.js';

const id = 'weights.degenerate';

/** One in twenty of all features of the group. */
const some = 0.05;

/** Beyond this the dictionary is not what its width says. */
const most = 0.5;

/** Half of the length of all encoder rows along one line: features mostly read the same. */
const collapsed = 0.5;

const degenerateCounts: Sentence =
  'On average per SAE, {parallelFeatures:count} of {dSae:count} decoder rows have a near-parallel twin and ' +
  '{tinyFeatures:count} are too short to have a direction.';

const giants: Sentence = ({ giantFeatures }) =>
  giantFeatures > 0 ? '{giantFeatures:plain} are more than ten times as long as the median row.' : '';

/** Which SAEs, where it is not all of them. */
const where: Sentence = ({ spoilt, saes }) => {
  if (spoilt === undefined || saes === undefined || spoilt === saes || spoilt === 0) return '';
  return spoilt === 1
    ? 'They are of {worst:sae} alone, one of {saes:count} SAEs.'
    : 'They are of {spoilt:count} of {saes:count} SAEs, most of {worst:sae}.';
};

const encoder: Sentence =
  '{encoderLeading:percent} of the squared length of the encoder lies along one direction';

export const check: Check<typeof id> = {
  id,
  check: checkDegenerateWeights,
  words: {
    artefact: 'degenerate weights',
    supported: {
      title: 'Degenerate weights',
      summary: [
        ({ degenerateShare }) =>
          degenerateShare > 0 ? '{degenerateShare:percent} of the features of all SAEs are degenerate.' : '',
        where,
        ({ tinyFeatures, parallelFeatures }) => (tinyFeatures + parallelFeatures > 0 ? degenerateCounts : ''),
        giants,
        ({ worstLeading, worst }) =>
          worst !== undefined && worstLeading > collapsed
            ? 'The features of {worst:sae} read mostly the same: {worstLeading:percent} of the squared length of its encoder lies along one direction.'
            : '',
      ],
      advice: [
        'Look at the training run and at how the checkpoint was read before trusting any score from it.',
      ],
    },
    refuted: {
      title: 'Weights look sound',
      summary: [degenerateCounts, `${encoder}.`],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Weights not checked',
      advice: 'Give at least one checkpoint whose weights are all finite.',
    },
  },
};

function checkDegenerateWeights(evidence: Evidence): Finding<typeof id> {
  const members = usable(evidence.members);
  if (members.length === 0) return inconclusive(id, []);
  const leading = members.flatMap((m) => m.encoderLeading ?? []);
  const shares = members.map(degenerateShare);
  const worst = members[shares.indexOf(Math.max(...shares))];
  const numbers = {
    degenerateShare: mean(shares),
    spoilt: shares.filter((share) => share > some).length,
    worst: 1 + evidence.members.indexOf(worst),
    worstLeading: worst.encoderLeading,
    parallelFeatures: mean(members.map((m) => m.parallelFeatures ?? 0)),
    tinyFeatures: mean(members.map((m) => m.tinyFeatures ?? 0)),
    giantFeatures: mean(members.map((m) => m.giantFeatures ?? 0)),
    encoderLeading: leading.length > 0 ? mean(leading) : undefined,
    dSae: Math.max(...members.map((m) => m.features)),
  };
  if (numbers.degenerateShare <= some && numbers.giantFeatures === 0) return refuted(id, numbers);
  return supported(id, numbers.degenerateShare > most ? 'fail' : 'warn', numbers);
}

function degenerateShare(member: MemberEvidence): number {
  const { features, repeatedFeatures = 0, tinyFeatures = 0 } = member;
  const flat = member.weights?.decoder.std === 0 && features * member.width > 1;
  if (flat || repeatedFeatures > most * features || encoderCollapsed(member)) return 1;
  return tinyFeatures / features;
}

/** One direction of d ≥ 2 holds at least 1/d of the rows by itself, which in two dimensions is already half. */
function encoderCollapsed({ encoderLeading = 0, width, features }: MemberEvidence): boolean {
  return width > 2 && features > 2 && encoderLeading > collapsed;
}
