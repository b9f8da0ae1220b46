// The spectrum operations, done by the addon.
import { type Matrix, zeros } from '../../tensor/index.js';
import { requireFinite, requireSameWidth } from '../arguments.js';
import type { WorkOptions } from '../interface.js';
import {
  requireShift,
  requireSubspaceSize,
  requireSymmetric,
  type SpectrumKernel,
  subspaceFrom,
} from '../spectrum.js';
import type { Call, RunOptions } from './calls.js';

export interface SpectrumAddon {
  columnMeans(run: RunOptions, job: { readonly x: Matrix; readonly means: Float64Array }): Promise<void>;
  addGram(run: RunOptions, job: GramJob): Promise<void>;
  eigen(run: RunOptions, job: EigenJob): Promise<void>;
  multiply(run: RunOptions, job: MultiplyJob): Promise<void>;
}

interface GramJob {
  readonly x: Matrix;
  /** [d] */
  readonly shift: Float64Array;
  /** [d × d] added to */
  readonly sum: Float64Array;
}

interface EigenJob {
  readonly a: Float64Array;
  readonly n: number;
  readonly r: number;
  readonly ascending: boolean;
  /** [n] and [r × n] results */
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

interface MultiplyJob {
  readonly a: Matrix;
  readonly b: Matrix;
  /** [a.rows × b.rows] result */
  readonly out: Float32Array;
}

/** Of a symmetric matrix [n × n]: all eigenvalues, and the eigenvectors [r × n] of the first r of them. */
type Eigen = (
  a: Float64Array,
  n: number,
  options: WorkOptions & { readonly r: number; readonly ascending: boolean },
) => Promise<{ readonly values: Float64Array; readonly vectors: Float64Array }>;

function eigenBy(addon: SpectrumAddon, call: Call): Eigen {
  return async (a, n, { r, ascending, ...options }) => {
    const values = new Float64Array(n);
    const vectors = new Float64Array(r * n);
    await call(options, (run) => addon.eigen(run, { a, n, r, ascending, values, vectors }));
    return { values, vectors };
  };
}

export function nativeSpectrum(addon: SpectrumAddon, call: Call): SpectrumKernel {
  const eigen = eigenBy(addon, call);
  const gram = async (x: Matrix, centred: boolean, options: WorkOptions | undefined) => {
    const shift = new Float64Array(x.cols);
    if (centred) await call(options, (run) => addon.columnMeans(run, { x, means: shift }));
    const sum = new Float64Array(x.cols * x.cols);
    await call(options, (run) => addon.addGram(run, { x, shift, sum }));
    return sum;
  };

  return {
    async gram(x, options) {
      requireFinite('x', x);
      return gram(x, options.centred, options);
    },

    async addGram(sum, x, shift, options) {
      requireSymmetric('sum', sum, x.cols);
      requireShift(shift, x.cols);
      requireFinite('x', x);
      await call(options, (run) => addon.addGram(run, { x, shift, sum }));
    },

    async symmetricEigenvalues(a, n, options) {
      requireSymmetric('a', a, n);
      return (await eigen(a, n, { r: 0, ascending: true, ...options })).values;
    },

    async symmetricEigen(a, n, options) {
      requireSymmetric('a', a, n);
      return eigen(a, n, { r: n, ascending: true, ...options });
    },

    async topSubspace(m, r, options) {
      requireSubspaceSize(r, m.cols);
      requireFinite('m', m);
      const sum = await gram(m, false, options);
      const { values, vectors } = await eigen(sum, m.cols, { r, ascending: false, ...options });
      return subspaceFrom(values, vectors, r);
    },

    async multiply(a, b, options) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const product = zeros(a.rows, b.rows);
      await call(options, (run) => addon.multiply(run, { a, b, out: product.data }));
      return product;
    },
  };
}
