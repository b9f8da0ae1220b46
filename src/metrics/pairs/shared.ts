// shared and shared.lenient: the part of the features that both their decoder and their encoder find again.
//
// π_D and π_E are the signed one-to-one assignments of decoder and of encoder rows. Strict: feature i is shared when
// cos(D_i, D_π_D(i)) > 0.7 and cos(E_i, E_π_E(i)) > 0.7. The two partners need not be the same feature: the paper
// chose 0.7 because above it they nearly always are, and does not ask for it. Lenient: π_D(i) = π_E(i), whatever the
// cosines. Each SAE counts its own features, so widths may differ; a feature that lacks a decoder or an encoder
// direction is left out and counted. Source: Paulo and Belrose, "Sparse autoencoders trained on the same data learn
// different features", arXiv 2501.16615.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import type { MetricContext } from '../context.js';
import {
  assignedDecoders,
  assignedEncoders,
  decoderMatched,
  encoderMatched,
  type MatchedScores,
  type PairAssignment,
} from './matched.js';
import type { FeatureMatches, GroupScores } from './pair-loop.js';

/** A cosine has to be above this. */
export const sharedThreshold = 0.7;

export interface SharedScores {
  readonly strict: GroupScores;
  readonly lenient: GroupScores;
}

/** Both forms of a group, from the assignments that other metrics rest on too. */
export function sharedOf(context: MetricContext): Promise<SharedScores | undefined> {
  return context.once('shared', async () => {
    const decoder = await assignedDecoders(context, false);
    const encoder = await assignedEncoders(context);
    return decoder && encoder && sharedScores(decoder, encoder);
  });
}

/** Both forms, assigning decoders and encoders first. Undefined where `sharedScores` is. */
export async function shared(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<SharedScores | undefined> {
  const decoder = await decoderMatched(members, kernel, options);
  const encoder = await encoderMatched(members, kernel, options);
  return decoder && encoder && sharedScores(decoder, encoder);
}

/**
 * Both forms from assignments that are known: `decoder.matched` and `encoder.matched` of the same members.
 * Undefined where some member has no feature with both directions.
 */
export function sharedScores(decoder: MatchedScores, encoder: MatchedScores): SharedScores | undefined {
  const ways = decoder.matches.map((pair, i) => sidesOf(pair, encoder.matches[i]));
  const widths = decoder.members.map((member) => {
    const at = decoder.matches.findIndex(({ a, b }) => a === member || b === member);
    return ways[at][decoder.matches[at].a === member ? 'aToB' : 'bToA'].length;
  });
  if (widths.includes(0)) return undefined;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const scores = (id: string, holds: (feature: Both) => boolean): GroupScores => ({
    id,
    pairs: ways.map(({ a, b, ...pair }) => {
      const [aToB, bToA] = [pair.aToB, pair.bToA].map((all) => all.filter(holds).length / all.length);
      return { a, b, value: 0.5 * (aToB + bToA), aToB, bToA };
    }),
    leftOut: sum(decoder.widths) + decoder.leftOut - sum(widths),
    members: decoder.members,
    widths,
  });
  return {
    strict: scores('shared', (f) => f.decoder.cosine > sharedThreshold && f.encoder.cosine > sharedThreshold),
    lenient: scores(
      'shared.lenient',
      (f) => f.decoder.partner >= 0 && f.decoder.partner === f.encoder.partner,
    ),
  };
}

interface Partner {
  readonly partner: number;
  readonly cosine: number;
}

/** What a feature with both directions is assigned to by each. */
interface Both {
  readonly decoder: Partner;
  readonly encoder: Partner;
}

function sidesOf(decoder: PairAssignment, encoder: PairAssignment) {
  return {
    a: decoder.a,
    b: decoder.b,
    aToB: byBoth(decoder.aToB, encoder.aToB),
    bToA: byBoth(decoder.bToA, encoder.bToA),
  };
}

function byBoth(decoder: FeatureMatches, encoder: FeatureMatches): Both[] {
  const at = new Map(Array.from(encoder.features, (feature, i) => [feature, i]));
  return Array.from(decoder.features.entries()).flatMap(([i, feature]) => {
    const e = at.get(feature);
    return e === undefined ? [] : [{ decoder: partnerAt(decoder, i), encoder: partnerAt(encoder, e) }];
  });
}

function partnerAt({ partner, best }: FeatureMatches, i: number): Partner {
  return { partner: partner[i], cosine: best[i] };
}
