// How far rows are from what their codes decode to: ‖x − x̂‖², with x̂ = Σ code · decoder row + decoder bias.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { requireFinite } from './arguments.js';
import type { WorkOptions } from './work-options.js';

/** What decodes: F features in d dimensions. */
export interface Decoder {
  /** [F × d] */
  readonly decoder: Matrix;
  /** [d] */
  readonly decoderBias: Float32Array;
}

/** The operation on reconstructions, as every kernel offers it. */
export interface ReconstructionKernel {
  /**
   * Squared error of each row of X [N×d] from its codes [N×F], in float64 [N]; x̂ is rounded to float32 first, as a
   * decoded matrix is. @throws input.shape, input.non-finite
   */
  reconstructionErrors(
    decoder: Decoder,
    x: Matrix,
    codes: SparseCodes,
    options?: WorkOptions,
  ): Promise<Float64Array>;
}

/** @throws input.shape unless all fit together; input.non-finite for the decoder and X */
export function requireReconstruction(
  { decoder, decoderBias }: Decoder,
  x: Matrix,
  codes: SparseCodes,
): void {
  const found = `X [${x.rows} × ${x.cols}], codes [${codes.rows} × ${codes.features}], bias [${decoderBias.length}]`;
  const { rows: features, cols: width } = decoder;
  const expected = `X [${codes.rows} × ${width}], codes [${x.rows} × ${features}], bias [${width}]`;
  const fits = x.rows === codes.rows && x.cols === width && codes.features === features;
  if (!fits || decoderBias.length !== width) {
    throw new ReseedError('input.shape', 'decoder, rows and codes do not fit together', { found, expected });
  }
  requireFinite('decoder', decoder);
  requireFinite('decoderBias', { rows: 1, cols: width, data: decoderBias });
  requireFinite('x', x);
}
