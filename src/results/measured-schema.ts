// Schemas that several parts of the results share: a null and an interval.
import { z } from 'zod';
import { nullKinds } from '../metrics/nulls/registry.js';

const number = z.number();

export const intervalSchema = z.object({ low: number, high: number, level: number, method: z.string() });

export const nullSchema = z.object({
  kind: z.enum(nullKinds),
  mean: number,
  sd: number,
  low: number,
  high: number,
  draws: z.int().nonnegative(),
  exact: z.boolean(),
  /** Monte-Carlo standard error of the mean; absent where the mean is exact. */
  meanError: number.exactOptional(),
  /** Its value for each pair, where it is a score of these very SAEs before their training. */
  pairs: z
    .array(z.object({ a: z.string(), b: z.string(), value: number }))
    .readonly()
    .exactOptional(),
});
