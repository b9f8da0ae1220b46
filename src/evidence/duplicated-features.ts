// Features of an SAE that write a direction which another of its features writes already, and whether they are more than chance makes.
import type { Member } from '../sae/member.js';
import { maxSurvival } from '../stats/best-cosine.js';
import { mean } from '../stats/summary.js';
import type { GroupContext } from './context.js';
import { type Evidence, usable } from './evidence.js';
import { rankOf } from './massive.js';
import { type ParallelRows, parallel, parallelRows } from './parallel-rows.js';

/** A few repeated features are normal in wide dictionaries; one in twenty moves a one-to-one comparison. */
const some = 0.05;

/** Measured once for each SAE: `repeated` are features, ascending. */
export function duplicatedFeatures(member: Member, context: GroupContext): Promise<ParallelRows> {
  const { units, kernel, work } = context;
  return context.once(`parallel/${member.id}`, () =>
    context.part(`parallel/${member.id}`, async () => {
      const directed = units.directed(member.sae.decoder);
      const found = await units.use([directed], ([unit]) => parallelRows(unit, kernel, work));
      return { ...found, repeated: found.repeated.map((at) => directed.features[at]) };
    }),
  );
}

type Measured = Pick<Evidence, 'activations' | 'members'>;

/** Features beyond one for each direction, as a share of all, on average over SAEs. */
export function duplicatedShare({ members }: Pick<Evidence, 'members'>): number {
  const shares = usable(members).map(({ repeatedFeatures = 0, features }) => repeatedFeatures / features);
  return shares.length === 0 ? 0 : mean(shares);
}

/**
 * The share that random directions would have, in as many dimensions as the activations fill: in three dimensions every tenth of
 * a few dozen features is near another.
 */
export function duplicatedByChance({ activations, members }: Measured): number {
  const [first] = members;
  if (!first) return 0;
  const dimensions = activations ? Math.max(2, Math.round(rankOf(activations))) : first.width;
  const features = Math.max(...members.map((m) => m.features));
  // Of a pair one is beyond.
  return maxSurvival(Math.min(dimensions, first.width), Math.max(1, features - 1), parallel) / 2;
}

export function manyDuplicated(evidence: Measured): boolean {
  return duplicatedShare(evidence) > some + duplicatedByChance(evidence);
}
