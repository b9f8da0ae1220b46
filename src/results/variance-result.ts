// Init against order as results: what each seed explains of the disagreement that each score finds.
import { z } from 'zod';
import { metricIds } from '../metrics/registry.js';
import { type CrossedMember, varianceComponents } from '../stats/variance-components.js';
import { intervalSchema } from './measured-schema.js';

const number = z.number();
const count = z.int().nonnegative();

const shareSchema = z.object({ value: number, interval: intervalSchema.exactOptional() });
const kindSchema = z.object({ disagreement: number, n: count });

export const componentsSchema = z.object({
  initSeeds: count,
  orderSeeds: count,
  /** Mean of 1 − score over pairs that differ in init alone, in order alone, and in both. */
  kinds: z.object({ init: kindSchema, order: kindSchema, both: kindSchema }),
  /** Of the disagreement of pairs that differ in both; `either`: there as soon as either seed changes. Sums to 1. */
  shares: z.object({ init: shareSchema, order: shareSchema, either: shareSchema }),
});

/** By metric. */
export const varianceSchema = z.partialRecord(z.enum(metricIds), componentsSchema);
export type VarianceResult = z.infer<typeof varianceSchema>;

interface Scores {
  readonly pairs: readonly { readonly a: string; readonly b: string; readonly value: number }[];
}

/**
 * Components of every score of a group; undefined where its SAEs are no cross of init and order seeds.
 * @param members of the group, each with both seeds; SAEs that have none take part in no component
 */
export function varianceResult(
  metrics: Readonly<Partial<Record<(typeof metricIds)[number], Scores>>>,
  members: readonly CrossedMember[],
): VarianceResult | undefined {
  const known = new Set(members.map(({ id }) => id));
  const found = metricIds.flatMap((id) => {
    const pairs = metrics[id]?.pairs.filter(({ a, b }) => known.has(a) && known.has(b));
    const one = pairs && varianceComponents(pairs, members);
    return one ? [[id, one] as const] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
