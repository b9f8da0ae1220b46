// A published claim held against what was measured: the number, the verdict, and what it rests on.
import { z } from 'zod';
import { findingIds } from '../diagnosis/checks/registry.js';

const number = z.number();

const claimValueSchema = z.union([number, z.string(), z.array(number).readonly()]);

export const claimSchema = z.object({
  id: z.string(),
  text: z.string(),
  published: claimValueSchema,
  /** Absent where the data do not hold what the claim is about. */
  measured: claimValueSchema.exactOptional(),
  /** Is the claim true, as far as these data tell? */
  verdict: z.enum(['supported', 'refuted', 'inconclusive']),
  /** Did the published number come out again, true or not as a conclusion? */
  reproduced: z.boolean().exactOptional(),
  tolerance: number.exactOptional(),
  group: z.string().exactOptional(),
  /** What a claim in words rests on: a metric or a field of the SAEs, which statistic of it, and the bounds that it has to keep. */
  bound: z
    .object({
      of: z.string(),
      statistic: z.string(),
      atLeast: number.exactOptional(),
      atMost: number.exactOptional(),
    })
    .exactOptional(),
  /** Findings of its group that refute it. */
  refutedBy: z.array(z.enum(findingIds)).readonly().exactOptional(),
  /** It is not judged, because the run trained less than the study asks for. */
  shortened: z.literal(true).exactOptional(),
});

export type ClaimResult = z.infer<typeof claimSchema>;
export type ClaimValue = z.infer<typeof claimValueSchema>;
