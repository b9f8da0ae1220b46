// The rules by which a recipe trains a family of architectures, as the kernel's options and what stands around them.
import type { DenseHyper } from '../kernel/dense.js';
import type { TopKHyper } from '../kernel/top-k.js';

/** What every architecture's rules have. Steps of warm-ups count from 0; see schedule.ts for short runs. */
export interface CommonRules {
  /** Steps over which the learning rate rises from 0. */
  readonly warmUp: number;
  /** Where b_d starts: at 0, or at the geometric median of the activations. */
  readonly decoderBias: 'zero' | 'geometric-median';
  readonly hyper: { readonly meanOverWidth: boolean };
}

/** The running threshold of BatchTopK, by which it encodes once it is trained. */
export interface ThresholdRule {
  readonly keep: number;
  /** Steps that leave it as it is, before the first that sets it. */
  readonly after: number;
  /** Below 0: the first value sets it. */
  readonly start: number;
}

/** Whether k features are kept of each row, or k·B of a batch of B rows. */
export type Selection = TopKHyper['selection'];

export interface TopKRules extends CommonRules {
  readonly hyper: Omit<TopKHyper, 'k' | 'selection' | 'levels' | 'threshold'>;
  readonly threshold: ThresholdRule;
  /** What each of n nested losses weighs (matryoshka). */
  readonly levelWeight: (levels: number) => number;
  /** The reconstruction loss is divided by the variance of the activations' entries. */
  readonly divideByVariance: boolean;
}

export interface DenseRules extends CommonRules {
  readonly hyper: Omit<DenseHyper, 'architecture' | 'targetL0'>;
  /** Steps over which λ rises from 0. */
  readonly sparsityWarmUp: number;
  /** θ at the start (jumprelu). */
  readonly threshold: number;
}
