// The sparse autoencoder as every later stage sees it, whatever file or training run it came from.
import type { EncodeOptions, Kernel, TopKWeights, WorkOptions } from '../kernel/interface.js';
import type { Matrix } from '../tensor/matrix.js';
import { zeros } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

/** Weights of an SAE, feature-major: F features, d input width. */
export interface SaeWeights {
  /** [F × d] row i is the direction that feature i reads */
  readonly encoder: Matrix;
  /** [F] */
  readonly encoderBias: Float32Array;
  /** [F × d] row i is the direction that feature i writes */
  readonly decoder: Matrix;
  /** [d] */
  readonly decoderBias: Float32Array;
}

/** A TopK autoencoder: weights and how it encodes. */
export interface Sae extends SaeWeights, EncodeOptions {
  readonly architecture: 'topk';
}

/** Number of features F. */
export function dSae(sae: SaeWeights): number {
  return sae.decoder.rows;
}

/** Width of the input d. */
export function dModel(sae: SaeWeights): number {
  return sae.decoder.cols;
}

/** The same arrays in the form the kernel takes; nothing is copied. */
export function kernelWeights(sae: SaeWeights): TopKWeights {
  return {
    encoder: sae.encoder.data,
    encoderBias: sae.encoderBias,
    decoder: sae.decoder.data,
    decoderBias: sae.decoderBias,
  };
}

/** Codes of X [N×d]. */
export function encode(sae: Sae, x: Matrix, kernel: Kernel, options?: WorkOptions): Promise<SparseCodes> {
  return kernel.encodeTopK(kernelWeights(sae), x, sae, options);
}

/** Reconstruction [N×d] from codes: Σ code · decoder row + decoder bias. */
export function decode(sae: SaeWeights, codes: SparseCodes): Matrix {
  const d = dModel(sae);
  const out = zeros(codes.rows, d);
  const sum = new Float64Array(d);
  for (let n = 0; n < codes.rows; n++) {
    sum.set(sae.decoderBias);
    for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
      const at = codes.indices[e] * d;
      const code = codes.values[e];
      for (let j = 0; j < d; j++) sum[j] += code * sae.decoder.data[at + j];
    }
    out.data.set(sum, n * d);
  }
  return out;
}
