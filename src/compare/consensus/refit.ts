// Encoder and biases fitted anew to what a decoder can write: steps of training in which the decoder stays as it is.
//
// Minimised is the mean squared error of the reconstruction, Σ‖x̂ − x‖²/(B·d), by Adam in batches of 256 rows, at a rate that falls to 0.
// The kernel's step changes the decoder too, which is put back after each: so its gradient is that of the given decoder.
// Rows are divided by their root mean square first, and biases with them; codes of rows twice as long are twice as large,
// so nothing else changes, and the rate means the same for data of any scale.
// There is no closed form: which features fire depends on the encoder. Given the codes, least squares would fit the biases alone.
import { throwIfCancelled } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { plainTopK, startTopKState, type TopKHyper } from '../../kernel/top-k.js';
import { normalised } from '../../sae/input-norm.js';
import { kernelWeights, type Sae } from '../../sae/sae.js';
import { type Matrix, sharedCopy, takeRows, zeros } from '../../tensor/matrix.js';
import { epochBatches } from '../../training/batches.js';
import { rateFactor } from '../../training/schedule.js';

/** Raised when the same call gives other weights. */
export const refitVersion = 1;

export interface RefitOptions extends WorkOptions {
  readonly steps: number;
  /** Draws the order of the rows. */
  readonly seed: number;
  /** Called with the share of the steps that are done. */
  readonly onProgress?: (share: number) => void;
}

const batchSize = 256;
const learningRate = 1e-3;

/** @param sae TopK with ReLU @param x [N×d] @throws input.shape, input.non-finite; internal.cancelled */
export async function refit(
  sae: Sae & { readonly activation: { readonly kind: 'topk' } },
  x: Matrix,
  kernel: Kernel,
  { steps, seed, onProgress, signal }: RefitOptions,
): Promise<Sae> {
  const input = normalised(x, sae.inputNorm);
  const scale = Math.sqrt(input.data.reduce((sum, value) => sum + value * value, 0) / input.data.length) || 1;
  const rows = scaled(input, 1 / scale);
  const weights = kernelWeights(sae);
  const state = startTopKState({
    ...weights,
    encoderBias: weights.encoderBias.map((value) => value / scale),
    decoderBias: weights.decoderBias.map((value) => value / scale),
  });
  const { k, relu } = sae.activation;
  const { subtractDecoderBias } = sae;
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const hyper: TopKHyper = { ...plainTopK, ...adam, k, relu, subtractDecoderBias };
  let step = 0;
  for (let epoch = 0; step < steps; epoch++) {
    for (const batch of epochBatches(seed, epoch, rows.rows, batchSize)) {
      if (step === steps) break;
      throwIfCancelled(signal);
      const rate = learningRate * rateFactor(step, { warmUp: 0, steps, decayFrom: 0 });
      // Rows of the batch alone, since all that are given are looked through for NaN.
      const task = { state, batches: [firstRows(batch.length)], learningRates: Float64Array.of(rate) };
      await kernel.trainTopK(takeRows(rows, batch), [task], hyper, signal ? { signal } : {});
      state.weights.decoder.set(weights.decoder);
      step++;
      onProgress?.(step / steps);
    }
  }
  const { encoder, encoderBias, decoderBias } = state.weights;
  return {
    ...sae,
    encoder: { ...sae.encoder, data: encoder },
    encoderBias: sharedCopy(encoderBias.map((value) => scale * value)),
    decoderBias: sharedCopy(decoderBias.map((value) => scale * value)),
  };
}

function firstRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, n) => n);
}

function scaled({ rows, cols, data }: Matrix, by: number): Matrix {
  const out = zeros(rows, cols);
  for (let e = 0; e < data.length; e++) out.data[e] = by * data[e];
  return out;
}
