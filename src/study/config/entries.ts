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

/** A place in a model, as its tool writes it: `plus`, `resid_post`, `blocks.6.hook_resid_post`. It goes into the ids of groups. */
export const siteName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, {
  error: 'letters, digits, dots, underscores and hyphens only, a letter or digit first and last',
});
