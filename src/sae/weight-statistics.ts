// Plain statistics of the weights of an SAE, and how many of them are not usable numbers.
import { firstNonFinite } from '../kernel/arguments.js';
import { mean, sampleSd } from '../stats/summary.js';
import { type Matrix, rowNorms } from '../tensor/matrix.js';
import type { Sae, SaeWeights } from './sae.js';

export interface WeightStatistics {
  /** Entries of the decoder (mean and sample SD), and the Euclidean norms of its rows. */
  readonly decoder: {
    readonly mean: number;
    readonly std: number;
    readonly normMean: number;
    readonly normStd: number;
    readonly normMin: number;
    readonly normMax: number;
  };
  /** Entries of the encoder; absent where there is none, which all zeros stand for. */
  readonly encoder?: { readonly mean: number; readonly std: number } | undefined;
}

export interface Numerics {
  /** Entries of encoder, decoder and both biases that are NaN. */
  readonly nan: number;
  /** … that are infinite. */
  readonly inf: number;
  /** Decoder rows of norm exactly 0. */
  readonly zeroFeatures: number;
}

/** A decoder row shorter than this counts as dead by norm. */
const shortestLiving = 0.01;

/**
 * Over finite entries and rows of finite norm only; undefined where the decoder has no such row or the
 * encoder no finite entry.
 */
export function weightStatistics(weights: SaeWeights): WeightStatistics | undefined {
  const decoder = finite(weights.decoder.data);
  const encoder = finite(weights.encoder.data);
  const norms = finite(rowNorms(weights.decoder));
  if (norms.length === 0 || encoder.length === 0) return undefined;
  return {
    decoder: {
      mean: mean(decoder),
      std: spread(decoder),
      normMean: mean(norms),
      normStd: spread(norms),
      normMin: norms.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      normMax: norms.reduce((a, b) => Math.max(a, b), 0),
    },
    ...(encoder.some((value) => value !== 0)
      ? { encoder: { mean: mean(encoder), std: spread(encoder) } }
      : {}),
  };
}

/** Of the weights, and where an SAE is given, NaN in what only its activation has; an infinite threshold is sound. */
export function numerics(weights: SaeWeights & Partial<Pick<Sae, 'activation'>>): Numerics {
  const arrays = [weights.encoder.data, weights.encoderBias, weights.decoder.data, weights.decoderBias];
  let nan = 0;
  let inf = 0;
  for (const values of Object.values(weights.activation ?? {})) {
    if (values instanceof Float32Array) nan += values.filter(Number.isNaN).length;
  }
  for (const values of arrays) {
    // Nearly always all are finite, which shows fast.
    if (firstNonFinite(values) < 0) continue;
    for (const value of values) {
      if (Number.isNaN(value)) nan++;
      else if (!Number.isFinite(value)) inf++;
    }
  }
  return { nan, inf, zeroFeatures: rowNorms(weights.decoder).filter((norm) => norm === 0).length };
}

/** Number of decoder rows that are shorter than 0.01. */
export function deadByNorm(decoder: Matrix): number {
  return rowNorms(decoder).filter((norm) => norm < shortestLiving).length;
}

function finite<T extends Float32Array | Float64Array>(values: T): T {
  const sound = values instanceof Float32Array ? firstNonFinite(values) < 0 : values.every(Number.isFinite);
  return (sound ? values : values.filter(Number.isFinite)) as T;
}

/** Sample SD; 0 of a single value. */
function spread(values: ArrayLike<number>): number {
  return values.length > 1 ? sampleSd(values) : 0;
}
