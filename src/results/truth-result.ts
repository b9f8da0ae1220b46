// A group against the truth that was planted, as results: what its SAEs recovered, and what their worlds share.

import { z } from 'zod';
import { defined } from '../defined.js';
import type { TruthEvidence } from '../evidence/truth.js';
import { nullSchema } from './measured-schema.js';

const number = z.number();

export const truthSchema = z.object({
  /** True features of a world, and how many of them stand in every world. */
  features: z.int().positive(),
  shared: z.int().nonnegative(),
  /** shared / features: what a score of agreement, corrected for chance, should read for SAEs that found everything. */
  overlap: number,
  /** How the worlds were planted, as far as groups of a study may differ in it. */
  planted: z.record(z.string(), z.union([number, z.string()])).readonly(),
  saes: z
    .array(
      z.object({
        sae: z.string(),
        /** Mean signed cosine with the true features, one to one, and corrected for its null. */
        match: number,
        null: nullSchema,
        corrected: number,
        /** Share of the true features whose partner has a cosine of at least 0.7, and of at least 0.9. */
        recovered07: number,
        recovered09: number,
      }),
    )
    .readonly(),
  /** Mean over pairs of the share of true features that both worlds have and both SAEs recovered. */
  both07: number.exactOptional(),
  both09: number.exactOptional(),
});
export type TruthResult = z.infer<typeof truthSchema>;

/**
 * A group against the planted truth, as results.
 * @param planted settings of the worlds but for the seed and the overlap: active, noise, zipf …
 */
export function truthResult(
  { features, shared, members, both07, both09 }: TruthEvidence,
  planted: Readonly<Record<string, number | string>>,
): TruthResult {
  return {
    features,
    shared,
    overlap: shared / features,
    planted,
    saes: members.map(({ id, null: level, ...rest }) => ({ sae: id, null: level, ...rest })),
    ...defined({ both07, both09 }),
  };
}
