// From activations to codes and back, for every kind of SAE.
import { ReseedError } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { dot, type Matrix, row, sharedFloat32, sharedInt32, zeros } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { denormalise, normalised } from './input-norm.js';
import { encodeRouted } from './routed.js';
import { dModel, dSae, kernelWeights, type Sae } from './sae.js';
import { strongestOfBlocks } from './strongest-of-blocks.js';

/** Codes of X [N×d]. @throws input.shape, input.non-finite; internal.cancelled */
export async function encode(
  sae: Sae,
  x: Matrix,
  kernel: Kernel,
  options?: WorkOptions,
): Promise<SparseCodes> {
  const { activation, subtractDecoderBias } = sae;
  if (activation.kind === 'unknown') throw unknownActivation();
  const input = normalised(x, sae.inputNorm);
  const weights = forEncoding(sae);
  if (activation.kind === 'topk') {
    return kernel.encodeTopK(weights, input, { ...activation, subtractDecoderBias }, options);
  }
  if (activation.kind === 'routed') return encodeRouted(sae, activation, input, kernel, options);
  if (activation.kind === 'abstopk') return encodeAbsTopK(sae, activation.k, input, kernel, options);
  const architecture = activation.kind === 'groupmax' ? 'relu' : activation.kind;
  const codes = await kernel.encodeDense(
    { ...weights, perFeature: [sae.encoderBias, ...perFeature(activation)] },
    input,
    { architecture, subtractDecoderBias },
    options,
  );
  return activation.kind === 'groupmax' ? strongestOfBlocks(codes, activation.k) : codes;
}

/**
 * The k largest of |p| are those of p and −p side by side, of which at most one of each pair is above 0: a TopK with ReLU
 * of twice as many features.
 */
async function encodeAbsTopK(
  sae: Sae,
  k: number,
  input: Matrix,
  kernel: Kernel,
  options?: WorkOptions,
): Promise<SparseCodes> {
  const features = dSae(sae);
  const { encoder, encoderBias } = withNegatives(sae);
  const d = encoder.cols;
  const { subtractDecoderBias } = sae;
  // The kernel asks for a decoder of as many features, of which it reads nothing.
  const weights = {
    encoder: encoder.data,
    encoderBias,
    decoder: encoder.data,
    decoderBias: subtractDecoderBias ? sae.decoderBias : sharedFloat32(d),
  };
  const codes = await kernel.encodeTopK(weights, input, { k, relu: true, subtractDecoderBias }, options);
  return foldNegatives(codes, features);
}

/** Of each SAE, made once for all blocks of rows. */
const doubled = new WeakMap<Sae, Pick<Sae, 'encoder' | 'encoderBias'>>();

function withNegatives(sae: Sae): Pick<Sae, 'encoder' | 'encoderBias'> {
  const known = doubled.get(sae);
  if (known) return known;
  const { encoder, encoderBias } = sae;
  const both = (values: Float32Array) => {
    const out = sharedFloat32(2 * values.length);
    out.set(values);
    for (let e = 0; e < values.length; e++) out[values.length + e] = -values[e];
    return out;
  };
  const made = {
    encoder: { rows: 2 * encoder.rows, cols: encoder.cols, data: both(encoder.data) },
    encoderBias: both(encoderBias),
  };
  doubled.set(sae, made);
  return made;
}

/** Codes [N×2F] of p and −p as codes [N×F]: those of −p change their sign, and indices ascend again. */
function foldNegatives(codes: SparseCodes, features: number): SparseCodes {
  const { rows, offsets } = codes;
  const indices = sharedInt32(codes.indices.length);
  const values = sharedFloat32(codes.indices.length);
  for (let n = 0; n < rows; n++) {
    const [from, to] = [offsets[n], offsets[n + 1]];
    const order = Array.from({ length: to - from }, (_, i) => from + i).sort(
      (a, b) => (codes.indices[a] % features) - (codes.indices[b] % features),
    );
    order.forEach((e, i) => {
      const negative = codes.indices[e] >= features;
      indices[from + i] = codes.indices[e] % features;
      values[from + i] = negative ? -codes.values[e] : codes.values[e];
    });
  }
  return { rows, features, offsets, indices, values };
}

function unknownActivation(): ReseedError {
  return new ReseedError('usage.argument', 'how this SAE encodes is not in its files', {
    field: '--architecture',
    found: 'none, with activations to encode',
    expected: 'relu, batchtopk, jumprelu or gated; topk or abstopk with --k',
  });
}

/** In the order of the kernel's `perFeatureNames`, after the bias. */
function perFeature(activation: Sae['activation']): Float32Array[] {
  if (activation.kind === 'jumprelu') return [activation.threshold];
  return activation.kind === 'gated' ? [activation.magnitudeBias, activation.magnitudeLogScale] : [];
}

/** Kernels ask for a decoder of the encoder's shape, of which they read the bias at most: a transcoder gives a stand-in. */
function forEncoding(sae: Sae) {
  const weights = kernelWeights(sae);
  if (sae.decoder.cols === sae.encoder.cols) return weights;
  return { ...weights, decoder: sae.encoder.data, decoderBias: sharedFloat32(sae.encoder.cols) };
}

/**
 * Reconstruction [N×d′] from codes: Σ code · decoder row + decoder bias, in float64.
 * @param x the input [N×d], for an SAE that normalises it or has a skip connection
 * @throws usage.argument where x is needed and absent
 */
export function decode(sae: Sae, codes: SparseCodes, x?: Matrix): Matrix {
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
  // A transcoder writes another place, on whose scale its input says nothing.
  const norm = sae.transcoder ? undefined : sae.inputNorm;
  if (!norm && !sae.skip) return out;
  if (x === undefined) {
    throw new ReseedError('usage.argument', 'this SAE cannot be decoded from its codes alone', {
      field: 'x',
      found: 'nothing',
      expected: `the input that it ${sae.skip ? 'passes on' : 'normalises'}`,
    });
  }
  denormalise(out, x, norm);
  if (sae.skip) addSkip(out, x, sae.skip);
  return out;
}

/** x̂ += S·x. */
function addSkip(out: Matrix, x: Matrix, skip: Matrix): void {
  for (let n = 0; n < x.rows; n++) {
    for (let j = 0; j < skip.rows; j++) out.data[n * out.cols + j] += dot(row(skip, j), row(x, n));
  }
}
