// The spectrum operations, done by the addon.
import type { Matrix } from '../../tensor/index.js';
import { requireFinite } from '../arguments.js';
import type { WorkOptions } from '../interface.js';
import { requireSubspaceSize, requireSymmetric, type SpectrumKernel, subspaceFrom } from '../spectrum.js';
import type { Addon } from './addon.js';
import type { Call } from './calls.js';

export function nativeSpectrum(addon: Addon, call: Call): SpectrumKernel {
  const gram = async (x: Matrix, centred: boolean, options: WorkOptions | undefined) => {
    const out = new Float64Array(x.cols * x.cols);
    await call(options, (orders) => addon.gram(orders, { x, centred, out }));
    return out;
  };

  const eigen = async (a: Float64Array, n: number, r: number, options: WorkOptions | undefined) => {
    const values = new Float64Array(n);
    const vectors = new Float64Array(r * n);
    await call(options, (orders) => addon.eigen(orders, { a, n, r, values, vectors }));
    return { values, vectors };
  };

  return {
    async gram(x, options) {
      requireFinite('x', x);
      return gram(x, options.centred, options);
    },

    async symmetricEigenvalues(a, n, options) {
      requireSymmetric(a, n);
      return (await eigen(a, n, 0, options)).values;
    },

    async topSubspace(m, r, options) {
      requireSubspaceSize(r, m.cols);
      requireFinite('m', m);
      const { values, vectors } = await eigen(await gram(m, false, options), m.cols, r, options);
      return subspaceFrom(values, vectors, r);
    },
  };
}
