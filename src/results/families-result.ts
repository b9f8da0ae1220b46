// Families of features in numbers: how many are in how many SAEs, how good the grouping is, and how many more there are to come.
import { z } from 'zod';

const number = z.number();
const count = z.int().nonnegative();

const estimatedSchema = z.object({
  value: number,
  low: number,
  /** Absent where the data set no bound. */
  high: number.exactOptional(),
});

export const growthSchema = z.object({
  /** Features that come back, and are in no family yet. */
  unseen: estimatedSchema,
  /** At least so many, whatever the distribution of how often features come back. */
  unseenAtLeast: number.exactOptional(),
  /** Share of the features that come back that are in a family. */
  seen: estimatedSchema,
  /** Families that one more SAE adds. */
  oneMore: estimatedSchema,
  /** Families in 2 … n SAEs, on average over which, and as expected in n + 1 … 2n. */
  curve: z.array(z.object({ saes: count, families: number })).readonly(),
});

export const familiesSchema = z.object({
  by: z.enum(['directions', 'codes', 'both']),
  /** |cosine| that holds between all features of a family. */
  cosine: number,
  /** [n + 1] features by the number of SAEs that they are in: from 2 on families, at 1 features without one. */
  supports: z.array(count).readonly(),
  /** Groups that were dropped, because support as theirs is no rarer by accident. */
  dropped: count,
  /** Σ (|cosine| − threshold) over pairs within families, and no grouping has more than the bound. */
  optimum: z.object({ value: number, upperBound: number, components: count, proven: count }),
  /** SAEs with the same features, which support counts twice; absent where there are none. */
  copies: z
    .array(z.tuple([z.string(), z.string()]).readonly())
    .readonly()
    .exactOptional(),
  /** Absent below three SAEs, or where no feature is in three. */
  growth: growthSchema.exactOptional(),
});

export type FamiliesResult = z.infer<typeof familiesSchema>;
export type GrowthResult = z.infer<typeof growthSchema>;
