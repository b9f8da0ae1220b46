// The sparse autoencoder as every later stage sees it, whatever file or training run it came from.
//
// x₁ = norm(x), p = W·(x₁ − b_d) + b (or W·x₁ + b), codes z from p by the activation, x̂ = norm⁻¹(Σ z_i D_i + b_d) + S·x.
import type { TopKWeights } from '../kernel/interface.js';
import { type Matrix, takeRows } from '../tensor/matrix.js';

/** Weights of an SAE, feature-major: F features, d width of what it reads, d′ of what it writes (d but for transcoders). */
export interface SaeWeights {
  /** [F × d] row i is the direction that feature i reads */
  readonly encoder: Matrix;
  /** [F]; the gate's, where the activation is gated */
  readonly encoderBias: Float32Array;
  /** [F × d′] row i is the direction that feature i writes */
  readonly decoder: Matrix;
  /** [d′] */
  readonly decoderBias: Float32Array;
}

/** How pre-activations p [F] become codes z [F]. */
export type Activation =
  /** The k largest; passed through ReLU, or not. */
  | { readonly kind: 'topk'; readonly k: number; readonly relu: boolean }
  /** The k of the largest magnitude, with their signs. */
  | { readonly kind: 'abstopk'; readonly k: number }
  /** The largest of each of k blocks of F/k features that follow each other, where it is above 0. */
  | { readonly kind: 'groupmax'; readonly k: number }
  /** The k largest of one group of features, which a router R [E × d], r [E] chooses; `within` it, or of all that are in it. */
  | {
      readonly kind: 'routed';
      readonly k: number;
      readonly router: Matrix;
      readonly routerBias: Float32Array;
      readonly within: boolean;
    }
  | { readonly kind: 'relu' }
  /** p where p > θ and p > 0 */
  | { readonly kind: 'jumprelu'; readonly threshold: Float32Array }
  /** With π = p − b: max(eʳ·π + b_m, 0) where p > 0; b_m and r [F]. */
  | {
      readonly kind: 'gated';
      readonly magnitudeBias: Float32Array;
      readonly magnitudeLogScale: Float32Array;
    }
  /** Its files do not say, and only its directions are compared. */
  | { readonly kind: 'unknown' };

/** What is done to each input row before it is encoded, and undone after decoding, but for transcoders. */
export type InputNorm = RowNorm | Standardisation;

/** Of each row by itself. */
export type RowNorm =
  /** x·√d/‖x‖ */
  | 'constant-norm'
  /** (x − μ)/(σ + 1e-5), σ the sample SD of the row */
  | 'layer-norm';

/** (x − μ)/σ for each coordinate, with μ and σ [d] of the data that it was trained on. */
export interface Standardisation {
  readonly mean: Float32Array;
  /** Above 0. */
  readonly sd: Float32Array;
}

/** Weights, and how they encode. */
export interface Sae extends SaeWeights {
  /** What its tool calls it: `topk`, `batchtopk`, `jumprelu` … */
  readonly architecture: string;
  readonly activation: Activation;
  /** Whether b_d is taken from the input before encoding. */
  readonly subtractDecoderBias: boolean;
  readonly inputNorm?: InputNorm;
  /** It writes elsewhere than it reads: its reconstruction is not of its input. */
  readonly transcoder?: true;
  /**
   * Names of the equal stretches that a decoder row is made of, side by side: the models of a crosscoder, the layers that a
   * cross-layer transcoder writes. An encoder row of a crosscoder is made of the same.
   */
  readonly parts?: readonly string[];
  /** [d′ × d] S, added as S·x to the reconstruction */
  readonly skip?: Matrix;
}

/** Number of features F. */
export function dSae(sae: SaeWeights): number {
  return sae.decoder.rows;
}

/** Width d′ of what it writes; for all but transcoders also of what it reads. */
export function dModel(sae: SaeWeights): number {
  return sae.decoder.cols;
}

/** Features that a row has at the most, where the activation says so. */
export function kOf({ activation }: Sae): number | undefined {
  return 'k' in activation ? activation.k : undefined;
}

/** Whether its codes can be below 0. */
export function hasSignedCodes({ activation }: Sae): boolean {
  return activation.kind === 'abstopk' || ('relu' in activation && !activation.relu);
}

/** These weights as an SAE that keeps the k largest of each row, above 0, of the input less the decoder bias. */
export function topKSae(weights: SaeWeights, k: number): Sae {
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k, relu: true },
    subtractDecoderBias: true,
    ...weights,
  };
}

/** The arrays in the form the kernel takes; nothing is copied. */
export function kernelWeights(sae: SaeWeights): TopKWeights {
  return {
    encoder: sae.encoder.data,
    encoderBias: sae.encoderBias,
    decoder: sae.decoder.data,
    decoderBias: sae.decoderBias,
  };
}

/** These features of an SAE, in this order, copied. */
export function takeFeatures(sae: Sae, features: Int32Array): Sae {
  const take = (values: Float32Array) => Float32Array.from(features, (i) => values[i]);
  return {
    ...sae,
    encoder: takeRows(sae.encoder, features),
    encoderBias: take(sae.encoderBias),
    decoder: takeRows(sae.decoder, features),
    activation: activationOf(sae.activation, take),
  };
}

function activationOf(activation: Activation, take: (values: Float32Array) => Float32Array): Activation {
  switch (activation.kind) {
    case 'jumprelu':
      return { ...activation, threshold: take(activation.threshold) };
    case 'gated':
      return {
        ...activation,
        magnitudeBias: take(activation.magnitudeBias),
        magnitudeLogScale: take(activation.magnitudeLogScale),
      };
    default:
      return activation;
  }
}
