// One-to-one scores of directions, and the shares of features that they are found again in, each with its own null.

import { type MeasuredMetric, measured } from '../metrics/measured.js';
import type { Member } from '../metrics/metric.js';
import { matchedDirectionsNulls } from '../metrics/nulls/matched-directions.js';
import type { Null } from '../metrics/nulls/null.js';
import { sharedDirectionsNulls } from '../metrics/nulls/shared-directions.js';
import {
  decoderMatched,
  encoderMatched,
  type MatchedOptions,
  type MatchedScores,
  type PairAssignment,
} from '../metrics/pairs/matched.js';
import type { GroupScores } from '../metrics/pairs/pair-loop.js';
import { sharedScores } from '../metrics/pairs/shared.js';
import { dModel } from '../sae/sae.js';
import type { Bench } from './bench.js';

export interface MatchedDirections {
  readonly metrics: readonly MeasuredMetric[];
  /** Of `decoder.matched`. */
  readonly matching?: readonly PairAssignment[];
}

/** Every pair is assigned once by each of decoder, |decoder| and encoder; each assignment is remembered. */
export async function matchedDirections(
  members: readonly Member[],
  bench: Bench,
): Promise<MatchedDirections> {
  const d = dModel(members[0].sae);
  const decoder = await decoderMatched(members, bench.kernel, remembering('decoder.matched', bench));
  const unsigned = await decoderMatched(members, bench.kernel, {
    ...remembering('decoder.matched.abs', bench),
    absolute: true,
  });
  const encoder = await encoderMatched(members, bench.kernel, remembering('encoder.matched', bench));
  const both = decoder && encoder && sharedScores(decoder, encoder);
  const levels = ({ widths }: MatchedScores) =>
    bench.nullOfWidths('matched-directions', widths, d, matchedDirectionsNulls);
  const metrics: MeasuredMetric[] = [];
  const add = (scores: GroupScores, level: Null) => metrics.push(measured(scores, scores.members, [level]));
  if (decoder) add(decoder, (await levels(decoder)).signed);
  if (unsigned) add(unsigned, (await levels(unsigned)).abs);
  if (encoder) add(encoder, (await levels(encoder)).signed);
  if (both) {
    const { widths } = both.strict;
    const { strict, lenient } = await bench.nullOfWidths(
      'shared-directions',
      widths,
      d,
      sharedDirectionsNulls,
    );
    add(both.strict, strict);
    add(both.lenient, lenient);
  }
  return { metrics, ...(decoder ? { matching: decoder.matches } : {}) };
}

/** Assignments are the slowest part of all: each is a part of its own, which a killed run does not lose. */
export function remembering(name: string, bench: Bench): MatchedOptions {
  return { ...bench.work, remember: (pair, solve) => bench.part(`${name}/${pair}`, solve) };
}
