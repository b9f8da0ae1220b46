// What `reseed consensus` found, as consensus.json has it: numbers and names, no sentences.
import { z } from 'zod';
import { familiesSchema } from './families-result.js';

const number = z.number();
const count = z.int().nonnegative();

export const consensusVersion = 'reseed/consensus/1';

/** On held-out rows. */
const fitSchema = z.object({
  features: count,
  explainedVariance: number,
  /** Active features a row. */
  l0: number,
  /** Features that fire on none of these rows. */
  dead: count,
});

const memberFitSchema = fitSchema.extend({ id: z.string() });

export const noDictionaries = [
  'no-families',
  'sparsity-unknown',
  'transcoders',
  'inputs-differ',
  'unknown-codes',
] as const;

export const restKinds = ['dead', 'at-start', 'rare', 'composed', 'rotating'] as const;

export const consensusSchema = z.object({
  schema: z.literal(consensusVersion),
  createdAt: z.string(),
  reseed: z.object({
    version: z.string(),
    kernel: z.enum(['portable', 'native', 'webgpu']),
    threads: z.int().positive(),
    command: z.string().exactOptional(),
  }),
  saes: z
    .array(
      z.object({
        id: z.string(),
        path: z.string().exactOptional(),
        architecture: z.string(),
        dModel: count,
        dSae: count,
        /** Features that could be in a family: those that have a direction, and fire where activations are given. */
        scored: count,
      }),
    )
    .readonly(),
  families: familiesSchema,
  dictionary: z
    .object({
      features: count,
      /** Families of at least this support. */
      support: count,
      k: count,
      refitted: z.boolean(),
      kept: z
        .object({
          rows: z.object({ fit: count, heldOut: count }),
          dictionary: fitSchema,
          /** Before encoder and biases were fitted. */
          averaged: fitSchema,
          members: z.array(memberFitSchema).readonly(),
          /** The best SAE cut to the width of the dictionary. */
          cuts: z.object({
            firing: memberFitSchema.exactOptional(),
            norm: memberFitSchema.exactOptional(),
            random: memberFitSchema.exactOptional(),
          }),
          /** The one by firing rate, with encoder and biases fitted as the dictionary's. */
          cutRefitted: memberFitSchema.exactOptional(),
        })
        .exactOptional(),
    })
    .exactOptional(),
  noDictionary: z.enum(noDictionaries).exactOptional(),
  rest: z.object({
    features: count,
    without: count,
    shares: z
      .array(z.object({ kind: z.enum(restKinds), features: count, share: number, chance: number }))
      .readonly(),
    inSubspace: z
      .object({ dimensions: count, rest: number, families: number, sphere: number })
      .exactOptional(),
  }),
});

export type ConsensusResult = z.infer<typeof consensusSchema>;
export type KeptResult = NonNullable<NonNullable<ConsensusResult['dictionary']>['kept']>;
export type RestKind = (typeof restKinds)[number];
export type NoDictionary = (typeof noDictionaries)[number];

/** JSON text, 2-space indent, newline at the end; keys in the order of the schema. */
export function serializeConsensus(result: ConsensusResult): string {
  return `${JSON.stringify(consensusSchema.parse(result), null, 2)}\n`;
}
