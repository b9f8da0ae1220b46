// training.unfinished: would more training still change the SAEs much?
//
// Where the loss L of equal stretches of training is known: late in training it falls about as a power of the steps,
// L ∝ step^−β, with β from the last half; twice the steps would take 1 − 2^−β of it away. That matters where live decoder
// rows have not yet left their start behind. Without the loss, rows that have hardly moved are taken as the sign. A row at
// cosine c to its start has moved by tan(acos c) of its own length; at the same rate it is at a cosine of ½ after
// √3 / tan(acos c) times the steps.

import type { Evidence } from '../../evidence/evidence.js';
import { startCosine } from '../../evidence/start-estimate.js';
import { unmoved } from '../../evidence/start-kept.js';
import { mean, median } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'training.unfinished';

/** Loss that twice the training would take away, at the least, where features are still turning. */
const someFall = 0.2;

/** Beyond this the loss falls nearly as fast as steps are taken, whatever the features do. */
const steepFall = 0.65;

/** Stretches below which a rate cannot be told from noise. */
const fewestLosses = 4;

/** A quarter of a row's squared length is its start: that much is left where training has done its work. */
const moved = 0.5;

const lossFall =
  'The loss is still falling: at its present rate as many steps again would take {lossFall:percent} of it away.';

export const check: Check<typeof id> = {
  id,
  check: checkUnfinished,
  words: {
    artefact: 'training that was not finished',
    supported: {
      title: 'Training was not finished',
      summary: [
        lossFall,
        'Live decoder rows still have a cosine of {initCosine:score} with where they started.',
        'What features would become is not in these weights yet.',
      ],
      advice: [
        'Train until live rows have a cosine of less than 0.5 with their start: at the rate of the first {steps:count} ' +
          'steps that takes about {moreSteps:plain} more.',
        'Train until the loss is flat, then compare again.',
      ],
    },
    refuted: {
      title: 'Training had mostly finished',
      summary: [
        'At the present rate as many steps again would take {lossFall:percent} of the loss away.',
        'Live decoder rows have a cosine of {initCosine:score} with where they started.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Whether training was finished is not known',
      advice: 'Give the loss of every epoch (reseed keeps it in cfg.json), or the weights before training.',
    },
  },
};

function checkUnfinished(evidence: Evidence): Finding<typeof id> {
  const { members } = evidence;
  const fall = members.flatMap((m) => fallOfTwice(m.training?.losses) ?? []);
  const cosines = members.flatMap((m) => startCosine(m, evidence) ?? []);
  const steps = members.flatMap((m) => m.training?.steps ?? []);
  const cosine = cosines.length > 0 ? mean(cosines) : undefined;
  const numbers = {
    lossFall: fall.length > 0 ? median(fall) : undefined,
    steps: steps.length > 0 ? mean(steps) : undefined,
    initCosine: cosine,
    moreSteps: moreSteps(evidence),
  };
  const turning = cosine !== undefined && cosine >= moved;
  if (numbers.lossFall !== undefined) {
    if (numbers.lossFall <= (turning ? someFall : steepFall)) return refuted(id, numbers);
    return supported(id, (cosine ?? 0) >= unmoved ? 'fail' : 'warn', numbers);
  }
  if (cosine === undefined) return inconclusive(id, ['training']);
  if (cosine >= unmoved) return supported(id, 'warn', numbers);
  return turning ? inconclusive(id, ['training'], numbers) : refuted(id, numbers);
}

/** Share of the loss that as many steps again would take away; undefined where the losses do not tell. */
function fallOfTwice(losses: readonly number[] | undefined): number | undefined {
  if (!losses || losses.length < fewestLosses || losses.some((loss) => loss <= 0)) return undefined;
  const half = Math.floor(losses.length / 2);
  // Means of the two quarters of the last half, against single stretches that go up and down.
  const quarter = Math.floor((losses.length - half) / 2);
  const before = losses.slice(half, losses.length - quarter);
  const after = losses.slice(losses.length - quarter);
  const at = (from: number, to: number) => (from + to + 1) / 2;
  const ratio = at(losses.length - quarter, losses.length - 1) / at(half, losses.length - quarter - 1);
  const beta = Math.log(mean(before) / mean(after)) / Math.log(ratio);
  return 1 - 2 ** -Math.max(0, beta);
}

/** Until the median live row has a cosine of ½ with its start, at the rate so far; where it is further away than that. */
function moreSteps(evidence: Evidence): number | undefined {
  const left = evidence.members.flatMap((member) => {
    const cosine = startCosine(member, evidence);
    if (!member.training || cosine === undefined || cosine <= moved) return [];
    const gone = Math.tan(Math.acos(Math.min(1, cosine)));
    return gone > 0 ? [member.training.steps * (Math.sqrt(3) / gone - 1)] : [];
  });
  return left.length > 0 ? median(left) : undefined;
}
