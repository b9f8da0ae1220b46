// metric.dead-dilution: do features that never fire pull a score away from what the live ones say?
//
// pull = |score − live score| / |live score − live null|: 1 when dead features move the score as far as all
// that there is to find.

import type { Evidence, Headline } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { missingForLiveScores } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';
import { hasFiring } from './dead-by-firing.js';

const id = 'metric.dead-dilution';

/** A quarter of what there is to find is more than the interval of a usual group of five SAEs. */
const notable = 0.25;

/** At 1 the reading can turn: a score as far from its null as it can be looks like chance, or the reverse. */
const turning = 1;

/** Moves smaller than this are rounding of the score, however small the distance to the null. */
const smallestMove = 0.02;

export const check: Check<typeof id> = {
  id,
  check: checkDeadDilution,
  words: {
    artefact: 'averaging dead features into the score',
    supported: {
      title: 'Dead features decide the score',
      summary: [
        'A score over all features averages over {deadShare:percent} that never fire.',
        'Activation-based it is {activationScore:score}, over live features {activationLive:score}.',
        'Decoder-based it is {decoderScore:score}, over live features {decoderLive:score}.',
      ],
      advice: ['Report the score over live features, with the share of live features beside it.'],
    },
    refuted: {
      title: 'Dead features do not decide the score',
      summary: [
        'Leaving out the {deadShare:percent} of features that never fire changes no score by much.',
        'Activation-based: {activationScore:score} over all features, {activationLive:score} over live ones.',
        'Decoder-based: {decoderScore:score} over all features, {decoderLive:score} over live ones.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Weight of dead features in the score not known',
      advice:
        'Give activations and at least two SAEs, so that the score can be split into live and dead features.',
    },
  },
};

function checkDeadDilution({ members, metrics, splits }: Evidence): Finding<typeof id> {
  const counted = members.filter(hasFiring);
  if (counted.length === 0) return inconclusive(id, ['activations']);
  const pulls = (['activation.max', 'decoder.max'] as const).flatMap((headline) => {
    const all = metrics[headline];
    const live = metrics[`${headline}.live`];
    if (!all || !live?.null) return [];
    const distance = Math.max(Math.abs(live.mean - live.null.mean), live.null.high - live.null.mean, 1e-6);
    const move = Math.abs(all.mean - live.mean);
    const pull = move < smallestMove ? 0 : move / distance;
    return [{ headline, pull, score: all.mean, without: live.mean, liveNull: live.null.mean }];
  });
  const deadShare = mean(counted.map((m) => m.usage.deadByFiring / m.features));
  if (pulls.length === 0) return inconclusive(id, missingForLiveScores({ members }), { deadShare });
  const numbers = Object.assign({ deadShare }, ...pulls.map((p) => described(p, splits)));
  const worst = Math.max(...pulls.map((p) => p.pull));
  if (worst < notable) return refuted(id, numbers);
  const { headline, score, without } = pulls.reduce((a, b) => (moveOf(b) > moveOf(a) ? b : a));
  return supported(id, worst >= turning ? 'fail' : 'warn', numbers, { metric: headline, score, without });
}

function moveOf({ score, without }: Pull): number {
  return Math.abs(score - without);
}

interface Pull {
  readonly headline: Headline;
  readonly pull: number;
  readonly score: number;
  readonly without: number;
  readonly liveNull: number;
}

/** The numbers of one score, named `activationScore`, `decoderPull` and so on. */
function described({ headline, pull, score, without, liveNull }: Pull, splits: Evidence['splits']) {
  const name = headline === 'activation.max' ? 'activation' : 'decoder';
  const split = splits[headline];
  return {
    [`${name}Score`]: score,
    [`${name}Live`]: without,
    [`${name}LiveNull`]: liveNull,
    [`${name}Pull`]: pull,
    [`${name}DeadPart`]: split ? split.deadShare * (split.deadScore ?? 0) : undefined,
    [`${name}LivePart`]: split ? split.liveShare * (split.liveScore ?? 0) : undefined,
  };
}
