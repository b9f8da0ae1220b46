// Entries that several parts of a study file are made of: seeds, lists without repeats, and axes.
import { z } from 'zod';

export const seed = z.int().nonnegative();

export function distinct(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size === values.length;
}

/** At least one entry, none of them twice. */
export const list = <T extends z.ZodType>(item: T) =>
  z.array(item).min(1).refine(distinct, { error: 'the same entry stands twice' });

/** One value, or a list of values that the study goes through. */
export const axis = <T extends z.ZodType>(item: T) => z.union([item, list(item)]);

/** A name that goes into the ids of groups. */
export const shortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'lower-case letters, digits and hyphens only' });
