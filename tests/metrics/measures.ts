// Every metric by its id, over members.
import type { Kernel } from '../../src/kernel/interface.js';
import {
  activationMatched,
  activationMax,
  decoderMatched,
  decoderMax,
  encoderMatched,
  encoderMax,
  type PairScores,
  shared,
  subspace,
} from '../../src/metrics/index.js';
import type { Member } from '../../src/sae/member.js';

export type Measure = (members: readonly Member[], kernel: Kernel) => Promise<PairScores | undefined>;

/** All that need no initial weights; subspace.64 needs more dimensions than the trained fixture has. */
export const measures: Record<string, Measure> = {
  'decoder.max': decoderMax,
  'decoder.max.live': (m, kernel) => decoderMax(m, kernel, { live: true }),
  'decoder.matched': decoderMatched,
  'decoder.matched.abs': (m, kernel) => decoderMatched(m, kernel, { absolute: true }),
  'encoder.max': encoderMax,
  'encoder.matched': encoderMatched,
  shared: async (m, kernel) => (await shared(m, kernel))?.strict,
  'shared.lenient': async (m, kernel) => (await shared(m, kernel))?.lenient,
  'activation.max': activationMax,
  'activation.max.live': (m, kernel) => activationMax(m, kernel, { live: true }),
  'activation.matched.live': activationMatched,
  'subspace.8': (m, kernel) => subspace(m, kernel, { rank: 8 }),
  'subspace.16': (m, kernel) => subspace(m, kernel, { rank: 16 }),
  'subspace.32': (m, kernel) => subspace(m, kernel, { rank: 32 }),
};
