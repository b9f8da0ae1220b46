// The spectrum operations of the portable kernel: the jobs, and who hands them out.
import { type Matrix, zeros } from '../../tensor/matrix.js';
import { requireFinite, requireSameWidth } from '../arguments.js';
import {
  requireShift,
  requireSubspaceSize,
  requireSymmetric,
  type SpectrumKernel,
  type Subspace,
  type SymmetricEigen,
  subspaceFrom,
} from '../spectrum.js';
import { eigenvectors, symmetricEigenvalues } from './eigen.js';
import { addGram, gram } from './gram.js';
import type { JobOf } from './job.js';
import { multiply } from './multiply.js';
import { ranges } from './ranges.js';

/** Rows of A in one job of products. */
const ROWS_PER_JOB = 256;

/** What one thread does. */
export const spectrumJobs = {
  gram: ({ x, centred }: { x: Matrix; centred: boolean }): Float64Array => gram(x, { centred }),
  addGram({ sum, x, shift }: { sum: Float64Array; x: Matrix; shift: Float64Array }): Float64Array {
    addGram(sum, x, shift);
    return sum;
  },
  eigenvalues: ({ a, n }: Symmetric): Float64Array => symmetricEigenvalues(a, n),
  eigen: ({ a, n }: Symmetric): SymmetricEigen => eigenvectors(a, n, n, true),
  subspace: ({ m, r }: { m: Matrix; r: number }): Subspace => topSubspace(m, r),
  multiply,
};

export interface Symmetric {
  /** [n × n] */
  readonly a: Float64Array;
  readonly n: number;
}

function topSubspace(m: Matrix, r: number): Subspace {
  const { values, vectors } = eigenvectors(gram(m, { centred: false }), m.cols, r, false);
  return subspaceFrom(values, vectors, r);
}

/** The operations, over a function that has jobs done. */
export function spectrumOperations(
  run: <T>(job: JobOf<typeof spectrumJobs>, signal?: AbortSignal) => Promise<T>,
): SpectrumKernel {
  return {
    async gram(x, { centred, signal }) {
      requireFinite('x', x);
      return run({ op: 'gram', args: { x, centred } }, signal);
    },

    async addGram(sum, x, shift, { signal } = {}) {
      requireSymmetric('sum', sum, x.cols);
      requireShift(shift, x.cols);
      requireFinite('x', x);
      // The thread adds to a copy, unless the memory is shared: either way this is the sum.
      sum.set(await run<Float64Array>({ op: 'addGram', args: { sum, x, shift } }, signal));
    },

    async symmetricEigenvalues(a, n, { signal } = {}) {
      requireSymmetric('a', a, n);
      return run({ op: 'eigenvalues', args: { a, n } }, signal);
    },

    async symmetricEigen(a, n, { signal } = {}) {
      requireSymmetric('a', a, n);
      return run({ op: 'eigen', args: { a, n } }, signal);
    },

    async topSubspace(m, r, { signal } = {}) {
      requireSubspaceSize(r, m.cols);
      requireFinite('m', m);
      return run({ op: 'subspace', args: { m, r } }, signal);
    },

    async multiply(a, b, { signal } = {}) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const product = zeros(a.rows, b.rows);
      const part = ({ from, to }: { from: number; to: number }) => ({
        a: { rows: to - from, cols: a.cols, data: a.data.slice(from * a.cols, to * a.cols) },
        b,
        out: product.data.subarray(from * b.rows, to * b.rows),
      });
      await Promise.all(
        ranges(a.rows, ROWS_PER_JOB).map((rows) => run({ op: 'multiply', args: part(rows) }, signal)),
      );
      return product;
    },
  };
}
