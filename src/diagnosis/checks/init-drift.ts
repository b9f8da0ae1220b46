// training.init-drift: do decoder rows still point where they started?
//
// Where live features do, a decoder score measures the start and not what was learned. Where only features
// that never fire do (`onlyDead` = 1), the dead features are what makes it so. Where the start is unknown, its cosine is
// estimated from the shape of the weights (`estimated` = 1), which can find it but not rule it out. Without activations nothing tells how
// flat learned rows are, so that the estimate is a hint: it informs, and decides nothing.

import type { Evidence } from '../../evidence/evidence.js';
import { agreesBeyondStart } from '../../evidence/start-estimate.js';
import { startKept, unmoved } from '../../evidence/start-kept.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import type { Effect, Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo, type Sentence } from '../words.js';
import { startRates } from './start-rates.js';

const id = 'training.init-drift';

/** A corrected score that moves by this much or more is read differently. */
const largeMove = 0.15;

const driftNumbers: readonly Sentence[] = [
  'The median cosine of a decoder row with its own initial direction is {cosineMedian:score}.',
  ({ cosineMedianLive: live, cosineMedianDead: dead }) =>
    dead === undefined || live === undefined
      ? ''
      : 'For dead features it is {cosineMedianDead:score}, for live ones {cosineMedianLive:score}.',
  ({ estimated }) =>
    estimated
      ? 'The weights before training are not known. Entries that were drawn uniformly become less even as rows learn; judged by ' +
        'how even they still are, decoder rows have a cosine of about {cosineMean:score} with their start.'
      : '',
  ({ cosineMeanLive: live, cosineMeanDead: dead }) =>
    dead === undefined || live === undefined
      ? ''
      : 'For dead features it is about {cosineMeanDead:score}, for live ones {cosineMeanLive:score}.',
];

const { found, kept, wrong, moved } = startRates;

/** How far an estimate is to be believed. */
const trials: Sentence = ({ estimated }) =>
  estimated
    ? `Tried on SAEs whose starts are known, such an estimate found ${found} of ${kept} that had kept them, and named ${wrong} of ${moved} that had not.`
    : '';

export const check: Check<typeof id> = {
  id,
  check: checkInitDrift,
  words: {
    artefact: 'decoder rows that never left their initial direction',
    supported: {
      title: 'Decoder rows still point where they started',
      summary: [
        ...driftNumbers,
        ({ onlyDead }) =>
          onlyDead
            ? 'It is the dead features that never moved; the live ones did.'
            : 'A decoder-based score measures the random start here, not what was learned.',
        trials,
      ],
      advice: [
        'Compare live features or displacements, train longer, and do not read a decoder-based score near chance ' +
          'as evidence about what was learned.',
      ],
    },
    refuted: {
      title: 'Decoder rows left their starting direction',
      summary: driftNumbers,
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Distance from the start not known',
      advice: 'Keep the weights before training (or the seed and recipe that make them) and give them too.',
    },
  },
};

function checkInitDrift(evidence: Evidence): Finding<typeof id> {
  const kept = startKept(evidence);
  if (!kept) return fromShape(evidence);
  const { liveUnmoved, allUnmoved, firingKnown, known, ...cosines } = kept;
  const numbers = {
    ...cosines,
    unmoved: mean(known.map((init) => init.unmoved)),
    dSae: Math.max(...evidence.members.map((m) => m.features)),
  };
  if (!liveUnmoved && !allUnmoved) return refuted(id, numbers);
  if (!liveUnmoved && firingKnown) {
    const effect = effectOf(evidence, 'usage.dead-by-firing');
    return supported(id, 'warn', { ...numbers, onlyDead: 1 }, effect);
  }
  const moved = scoreWithout(evidence, 'decoder.max', [id])?.corrected;
  const asIs = evidence.metrics['decoder.max']?.corrected;
  const large = moved !== undefined && asIs !== undefined && Math.abs(moved - asIs) >= largeMove;
  return supported(id, large ? 'fail' : 'warn', numbers, effectOf(evidence, id));
}

/**
 * Estimated cosines find a start of uniform entries only; where there is no trace of one, or the runs agree more than they
 * could that near to it, nothing is known.
 */
function fromShape(evidence: Evidence): Finding<typeof id> {
  const shapes = evidence.members.flatMap((m) => (m.start ? [m.start] : []));
  if (shapes.length === 0) return inconclusive(id, ['init']);
  const live = shapes.flatMap((shape) => shape.cosineLive ?? []);
  const dead = shapes.flatMap((shape) => shape.cosineDead ?? []);
  const numbers = {
    estimated: 1,
    cosineMean: mean(shapes.map((shape) => shape.cosine)),
    cosineMeanLive: live.length > 0 ? mean(live) : undefined,
    cosineMeanDead: dead.length > 0 ? mean(dead) : undefined,
    tied: mean(shapes.map((shape) => shape.tied)),
    dSae: Math.max(...evidence.members.map((m) => m.features)),
  };
  const severity = evidence.activations ? 'warn' : 'info';
  const ofLive = numbers.cosineMeanLive ?? (dead.length > 0 ? 0 : numbers.cosineMean);
  if (ofLive >= unmoved) {
    return agreesBeyondStart(evidence, ofLive)
      ? inconclusive(id, ['init'], numbers)
      : supported(id, severity, numbers);
  }
  if (Math.max(numbers.cosineMean, numbers.cosineMeanDead ?? 0) < unmoved)
    return inconclusive(id, ['init'], numbers);
  const effect = effectOf(evidence, 'usage.dead-by-firing');
  return supported(id, 'warn', { ...numbers, onlyDead: 1 }, effect);
}

function effectOf(evidence: Evidence, removed: typeof id | 'usage.dead-by-firing'): Effect | undefined {
  const score = evidence.metrics['decoder.max']?.mean;
  const without = scoreWithout(evidence, 'decoder.max', [removed])?.mean;
  return score === undefined || without === undefined ? undefined : { metric: 'decoder.max', score, without };
}

/** Live features, too, point where they started: the decoder score measures the start. More than a hint. */
export function liveRowsUnmoved({ id: of, verdict, severity, evidence }: Finding): boolean {
  return of === id && verdict === 'supported' && severity !== 'info' && evidence.onlyDead === undefined;
}
