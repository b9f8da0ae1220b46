// data.massive-rows: do a few rows hold so much of the variance that rank, fit and scores are theirs?
//
// First tokens of contexts and separators have them in nearly every language model (Sun et al., "Massive activations in large
// language models", 2024). Counted are rows ten times as far from the middle as the median row (stats/massive-rows.ts).

import { type Evidence, usable } from '../../evidence/evidence.js';
import { massiveRowsMatter } from '../../evidence/massive.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';

const id = 'data.massive-rows';

/** Beyond this they are most of what explained variance, loss and rank tell of. */
const most = 0.5;

const withDead = ['usage.dead-by-firing', id] as const;

export const check: Check<typeof id> = {
  id,
  check: checkMassiveRows,
  words: {
    artefact: 'a few massive activations',
    supported: {
      title: 'A few activations hold much of the variance',
      summary: [
        '{massiveRows:count} of {rows:count} activations lie about {massiveTimes:count} times as far from the middle as the usual one, ' +
          'and hold {massiveShare:percent} of the variance.',
        '{massiveThere:count} of them stand at {massiveThere:massivePlace}.',
        'Effective rank, explained variance and loss are then mostly theirs: without them the effective rank is {ordinaryRank:plain} ' +
          'instead of {effectiveRank:plain}.',
        'The SAEs explain {ordinaryExplained:percent} of the variance of the others, and {explained:percent} of all (on average).',
        'Over the others the activation-based score of live features is {codesWithout:score} instead of {codes:score}.',
        'Over features that fire on the others the decoder-based score is {decodersWithout:score} instead of {decoders:score}.',
      ],
      advice: [
        'Leave them out: most often they are first positions of contexts (--drop-first) or separators. SAEs that were trained on ' +
          'them have spent features on them; train again without.',
      ],
    },
    refuted: {
      title: 'No small number of activations holds most of the variance',
      summary: [
        ({ massiveRows }) =>
          massiveRows === undefined
            ? 'No activation lies ten times as far from the middle as the usual one, or a twentieth of them do.'
            : '{massiveRows:count} of {rows:count} activations lie far from the others, and hold {massiveShare:percent} of the variance.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Massive activations not looked for', advice: giveActivations },
  },
};

function checkMassiveRows(evidence: Evidence) {
  const { activations, metrics } = evidence;
  if (!activations) return inconclusive(id, ['activations']);
  const { rows, effectiveRank, massiveRows, massiveTimes, massiveShare, ordinaryRank } = activations;
  const members = usable(evidence.members);
  const meanOf = (values: readonly number[]) => (values.length > 0 ? mean(values) : undefined);
  const numbers = {
    rows,
    massiveRows,
    massiveTimes: massiveTimes === undefined ? undefined : Math.round(massiveTimes),
    massiveShare,
    massiveThere: activations.places?.massive?.rows,
    effectiveRank,
    ordinaryRank,
    explained: meanOf(members.flatMap(({ fit }) => fit?.explainedVariance ?? [])),
    ordinaryExplained: meanOf(members.flatMap(({ ordinaryFit }) => ordinaryFit?.explainedVariance ?? [])),
    codes: metrics['activation.max.live']?.mean,
    codesWithout: scoreWithout(evidence, 'activation.max', withDead)?.mean,
    decoders: metrics['decoder.max.live']?.mean,
    decodersWithout: scoreWithout(evidence, 'decoder.max', withDead)?.mean,
  };
  if (!massiveRowsMatter(evidence)) return refuted(id, numbers);
  return supported(id, (massiveShare ?? 0) > most ? 'fail' : 'warn', numbers);
}
