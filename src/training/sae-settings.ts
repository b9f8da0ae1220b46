// What an SAE that is trained is to be.

export const architectureNames = [
  'topk',
  'batchtopk',
  'matryoshka-batchtopk',
  'relu',
  'jumprelu',
  'gated',
] as const;
export type ArchitectureName = (typeof architectureNames)[number];

/** What an SAE is to be. Which of the optional settings an architecture takes is said beside each. */
export interface SaeSettings {
  readonly architecture: ArchitectureName;
  /** F */
  readonly dSae: number;
  /** Features a row (topk), or a row on the average of a batch (batchtopk, matryoshka-batchtopk). */
  readonly k?: number;
  /** λ (relu, jumprelu, gated); with a target of L0 it is 1 where it is left out. */
  readonly sparsity?: number;
  /** Target of L0 (jumprelu), instead of λ·L0. */
  readonly targetL0?: number;
  /** Nested prefixes of the features, ascending to F (matryoshka-batchtopk). */
  readonly groups?: readonly number[];
}
