// Entries that several parts of a study file are made of: seeds, axes and names.
import { z } from 'zod';
import { list } from '../../training/setting.js';

export const seed = z.int().nonnegative();

/** One value, or a list of values that the study goes through. */
export const axis = <T extends z.ZodType>(item: T) => z.union([item, list(item)]);

/** A name that goes into the ids of groups. */
export const shortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'lower-case letters, digits and hyphens only' });
