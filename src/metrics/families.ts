// Families of metrics: those of one family compare the same thing.

/** How a metric or a null is called. */
export interface Term {
  readonly name: string;
  /** For axes and narrow columns. */
  readonly short: string;
  readonly definition: string;
}

export const familyWords = {
  decoder: 'Decoder directions: what features write',
  encoder: 'Encoder directions: what features read',
  shared: 'Shared features: the same partner by encoder and decoder',
  activation: 'Codes: when features fire',
  subspace: 'Subspaces: the directions that decoders use most',
  displacement: 'Displacement: what training changed',
} as const;
export type MetricFamily = keyof typeof familyWords;

/** What a one-to-one score says of its partners. */
export const oneToOne =
  'One-to-one: each feature has at most one partner, chosen so that the sum over all pairs is largest; mean over the ' +
  'pairs, as many as the narrower SAE has features.';
