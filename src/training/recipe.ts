// A recipe: how weights are drawn, what the loss is made of, and which optimiser moves the weights at which rate.
import type { DenseHyper } from '../kernel/dense.js';
import type { TopKHyper } from '../kernel/top-k.js';
import type { SaeWeights } from '../sae/sae.js';
import type { ArchitectureName, SaeSettings } from './sae-settings.js';

/** What every architecture's rules have. Steps of warm-ups count from 0; see schedule.ts for short runs. */
interface CommonRules {
  /** Steps over which the learning rate rises from 0. */
  readonly warmUp: number;
  /** Where b_d starts: at 0, or at the geometric median of the activations. */
  readonly decoderBias: 'zero' | 'geometric-median';
}

/** The running threshold of BatchTopK, by which it encodes once it is trained. */
export interface ThresholdRule {
  readonly keep: number;
  /** Steps that leave it as it is, before the first that sets it. */
  readonly after: number;
  /** Below 0: the first value sets it. */
  readonly start: number;
}

export interface TopKRules extends CommonRules {
  readonly kind: 'top-k';
  readonly hyper: Omit<TopKHyper, 'k' | 'selection' | 'levels' | 'threshold'>;
  readonly threshold: ThresholdRule;
  /** What each of n nested losses weighs (matryoshka). */
  readonly levelWeight: (levels: number) => number;
  /** The reconstruction loss is divided by the variance of the activations' entries. */
  readonly divideByVariance: boolean;
}

export interface DenseRules extends CommonRules {
  readonly kind: 'dense';
  readonly hyper: Omit<DenseHyper, 'architecture' | 'targetL0'>;
  /** Steps over which λ rises from 0. */
  readonly sparsityWarmUp: number;
  /** θ at the start (jumprelu). */
  readonly threshold: number;
}

export type TrainingRules = TopKRules | DenseRules;

/** Weights that are drawn; biases are 0. */
export type DrawnWeights = SaeWeights;

export interface Recipe {
  readonly name: string;
  /** Raised when SAEs trained by it change: those that are kept are keyed by it. */
  readonly version: number;
  /** The architectures that it is defined for. */
  readonly trains: readonly ArchitectureName[];
  /** The loss it has for the number of active features of a jumprelu SAE: λ·L0, one with a target, or both. */
  readonly jumpRelu: readonly ('sparsity' | 'targetL0')[];
  /** Weights before training, from the init seed alone. @param d input width @param features F */
  init(seed: number, d: number, features: number, sae: SaeSettings): DrawnWeights;
  /** The rate that its warm-up ends at. */
  learningRate(sae: SaeSettings): number;
  /** How it trains one of its architectures. @param d input width */
  rules(sae: SaeSettings, d: number): TrainingRules;
}
