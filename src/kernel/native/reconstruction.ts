// Errors of reconstruction, done by the addon.
import type { Matrix, SparseCodes } from '../../tensor/index.js';
import { type ReconstructionKernel, requireReconstruction } from '../reconstruction.js';
import type { Call, RunOptions } from './calls.js';

export interface ReconstructionAddon {
  reconstructionErrors(run: RunOptions, job: ReconstructionJob): Promise<void>;
}

interface ReconstructionJob {
  readonly decoder: Float32Array;
  readonly decoderBias: Float32Array;
  readonly x: Matrix;
  readonly codes: SparseCodes;
  /** [rows] result */
  readonly out: Float64Array;
}

export function nativeReconstruction(addon: ReconstructionAddon, call: Call): ReconstructionKernel {
  return {
    async reconstructionErrors({ decoder, decoderBias }, x, codes, options) {
      requireReconstruction({ decoder, decoderBias }, x, codes);
      const out = new Float64Array(x.rows);
      const job = { decoder: decoder.data, decoderBias, x, codes, out };
      await call(options, (run) => addon.reconstructionErrors(run, job));
      return out;
    },
  };
}
