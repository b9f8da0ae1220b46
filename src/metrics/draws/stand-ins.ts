// STAND-IN, to be removed: A·Bᵀ by the encoder, until every kernel has `multiply(a, b, options)`; its callers are in crowd.ts.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { type Matrix, sharedFloat32, zeros } from '../../tensor/matrix.js';

/** A·Bᵀ [n × m] of A [n × k] and B [m × k] in float32. */
export async function multiply(
  kernel: Kernel,
  a: Matrix,
  b: Matrix,
  work: WorkOptions = {},
): Promise<Matrix> {
  const weights = {
    encoder: b.data,
    encoderBias: sharedFloat32(b.rows),
    decoder: b.data,
    decoderBias: sharedFloat32(b.cols),
  };
  const product = await kernel.encodeTopK(
    weights,
    a,
    { k: b.rows, relu: false, subtractDecoderBias: false },
    work,
  );
  const out = zeros(a.rows, b.rows);
  for (let n = 0; n < a.rows; n++) {
    for (let e = product.offsets[n]; e < product.offsets[n + 1]; e++) {
      out.data[n * b.rows + product.indices[e]] = product.values[e];
    }
  }
  return out;
}
