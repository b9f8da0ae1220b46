// The own-init null: the same metric on the very same SAEs before training.
//
// The mean is the score of the initial decoders, the SD that of over-pairs.ts.
import type { Kernel } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { decoderMax } from '../decoder-max.js';
import type { PopulationOptions } from '../pairs/pair-loop.js';
import type { NullModel } from './model.js';
import type { Null } from './null.js';
import { nullOverPairs } from './over-pairs.js';

export const model: NullModel<'own-init'> = {
  kind: 'own-init',
  words: {
    name: 'null: own initialisation',
    short: 'own initialisation',
    definition: 'The same score between the very weights that these SAEs started from.',
    level: 'for the same SAEs before training',
    rival: 'the same SAEs before training',
  },
  version: 2,
  keeps: ['start'],
  decides: true,
  fits: ({ family, compares }) =>
    family === 'decoder' && compares.of === 'directions' && compares.by === 'best',
  work: () => ({ perPair: { match: 1 } }),
  level: async ({ needs }, _, { members, kernel, work }) =>
    ownInitNull(members, kernel, { live: needs.includes('codes'), ...work }),
};

/**
 * Null of `decoder.max` or, with `live`, of `decoder.max.live` over the features that fire after training.
 * Nothing is drawn: 0 draws. Undefined where some member's init is unknown or the metric is undefined.
 * @throws input.shape when the members differ in d
 */
export async function ownInitNull(
  members: readonly Member[],
  kernel: Kernel,
  options: PopulationOptions = {},
): Promise<Null | undefined> {
  const untrained = members.flatMap((member) =>
    member.init ? [{ ...member, sae: { ...member.sae, ...member.init } }] : [],
  );
  if (untrained.length < members.length) return undefined;
  const scores = await decoderMax(untrained, kernel, options);
  if (!scores) return undefined;
  return nullOverPairs('own-init', scores);
}
