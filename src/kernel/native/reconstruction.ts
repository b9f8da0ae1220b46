// Errors of reconstruction, done by the addon.
import { type ReconstructionKernel, requireReconstruction } from '../reconstruction.js';
import type { Addon } from './addon.js';
import type { Call } from './calls.js';

export function nativeReconstruction(addon: Addon, call: Call): ReconstructionKernel {
  return {
    async reconstructionErrors({ decoder, decoderBias }, x, codes, options) {
      requireReconstruction({ decoder, decoderBias }, x, codes);
      const out = new Float64Array(x.rows);
      const job = { decoder: decoder.data, decoderBias, x, codes, out };
      await call(options, (orders) => addon.reconstructionErrors(orders, job));
      return out;
    },
  };
}
