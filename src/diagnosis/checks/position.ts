// data.position: are activations at some place, a position of the context or a token, of another kind than all others?
//
// First positions and separators, which are longer than the others; padding that is not quite the same everywhere (evidence/places.ts
// has what counts). It takes the tokens of the rows. Where the rows are massive, or copies of one, data.massive-rows and
// data.distinct-rows are about them, and this finding only informs where they stand.

import { type Evidence, usable } from '../../evidence/evidence.js';
import { massiveRowsMatter } from '../../evidence/massive.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'data.position';

/** Beyond this they are most of what explained variance and loss tell of, or most of the rows. */
const most = 0.5;

/** Nearer than this they do not stand out by their size, but by being alike. */
const far = 2;

const withDead = ['usage.dead-by-firing', id] as const;

export const check: Check<typeof id> = {
  id,
  check: checkPosition,
  words: {
    artefact: 'activations of one position or token',
    supported: {
      title: 'Activations at one position or token are unlike all others',
      summary: [
        '{apartRows:count} of {rows:count} activations stand at {places:apart}. They hold {apartShare:percent} of the variance.',
        ({ apartTimes }) =>
          apartTimes === undefined || apartTimes >= far
            ? 'They lie {apartTimes:plain} times as far from the middle of the others as these do.'
            : 'They are nearly alike, as padding is.',
        'Without them the effective rank is {otherRank:plain} instead of {effectiveRank:plain}.',
        'The SAEs explain {otherExplained:percent} of the variance of the others, and {explained:percent} of all (on average).',
        '{placeFeatures:count} of {live:count} live features of an SAE fire there and hardly anywhere else (on average).',
        'Over the others the activation-based score of live features is {codesWithout:score} instead of {codes:score}.',
        'Over features that fire on the others the decoder-based score is {decodersWithout:score} instead of {decoders:score}.',
        'Most of the massive activations stand at {massiveThere:massivePlace} ({massiveThere:count} of {massiveRows:count}).',
        'Most copies of the commonest activation stand at {repeatedThere:repeatedPlace} ({repeatedThere:count} of {mostRepeated:count}).',
      ],
      advice: [
        ({ places }) =>
          places === undefined
            ? 'Leave these out; the findings about them tell what they do.'
            : 'Leave them out (--drop-first for first positions; padding and separators where activations are written), and train without them.',
      ],
    },
    refuted: {
      title: 'No position and no token is unlike all others',
      summary: [
        'No position or token of many activations lies twice as far from the middle as the others and holds a fifth of the variance; ' +
          'none fills a fifth of the rows with activations that are nearly alike.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Positions and tokens not looked at',
      advice:
        'Give the token of each activation (--tokens), so that first positions, separators and padding are seen.',
    },
  },
};

function checkPosition(evidence: Evidence) {
  const { activations, metrics } = evidence;
  if (!activations) return inconclusive(id, ['activations']);
  if (!activations.places) return inconclusive(id, ['tokens']);
  const { apart, massive, repeated } = activations.places;
  const known = {
    massiveThere: massiveRowsMatter(evidence) ? massive?.rows : undefined,
    repeatedThere: repeated?.rows,
  };
  if (!apart) {
    const told = known.massiveThere ?? known.repeatedThere;
    return told === undefined ? refuted(id, known) : supported(id, 'info', known);
  }
  const members = usable(evidence.members);
  const meanOf = (values: readonly number[]) => (values.length > 0 ? mean(values) : undefined);
  const grave = apart.share > most || apart.rows > most * activations.rows;
  return supported(id, grave ? 'fail' : 'warn', {
    places: apart.places.length,
    apartRows: apart.rows,
    apartTimes: apart.times,
    apartShare: apart.share,
    effectiveRank: activations.effectiveRank,
    otherRank: apart.effectiveRank,
    explained: meanOf(members.flatMap(({ fit }) => fit?.explainedVariance ?? [])),
    otherExplained: meanOf(members.flatMap(({ elsewhereFit }) => elsewhereFit?.explainedVariance ?? [])),
    placeFeatures: meanOf(members.flatMap(({ placeFeatures }) => placeFeatures ?? [])),
    live: meanOf(members.flatMap(({ usage }) => usage.live ?? [])),
    codes: metrics['activation.max.live']?.mean,
    codesWithout: scoreWithout(evidence, 'activation.max', withDead)?.mean,
    decoders: metrics['decoder.max.live']?.mean,
    decodersWithout: scoreWithout(evidence, 'decoder.max', withDead)?.mean,
    ...known,
  });
}
