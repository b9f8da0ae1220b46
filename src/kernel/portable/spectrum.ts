// The spectrum operations of the portable kernel: the jobs, and who hands them out.
import type { Matrix } from '../../tensor/matrix.js';
import { requireFinite } from '../arguments.js';
import {
  requireSubspaceSize,
  requireSymmetric,
  type SpectrumKernel,
  type Subspace,
  subspaceFrom,
} from '../spectrum.js';
import { symmetricEigenvalues, topEigenvectors } from './eigen.js';
import { gram } from './gram.js';

/** Work for one thread. */
export type SpectrumJob =
  | { op: 'gram'; args: { x: Matrix; centred: boolean } }
  | { op: 'eigenvalues'; args: { a: Float64Array; n: number } }
  | { op: 'subspace'; args: { m: Matrix; r: number } };

/** The thread side. */
export function performSpectrum(job: SpectrumJob): Float64Array | Subspace {
  switch (job.op) {
    case 'gram':
      return gram(job.args.x, job.args);
    case 'eigenvalues':
      return symmetricEigenvalues(job.args.a, job.args.n);
    case 'subspace':
      return topSubspace(job.args.m, job.args.r);
  }
}

function topSubspace(m: Matrix, r: number): Subspace {
  const { values, vectors } = topEigenvectors(gram(m, { centred: false }), m.cols, r);
  return subspaceFrom(values, vectors, r);
}

/** The operations, over a function that has jobs done. */
export function spectrumOperations(
  run: <T>(job: SpectrumJob, signal?: AbortSignal) => Promise<T>,
): SpectrumKernel {
  return {
    async gram(x, { centred, signal }) {
      requireFinite('x', x);
      return run({ op: 'gram', args: { x, centred } }, signal);
    },

    async symmetricEigenvalues(a, n, { signal } = {}) {
      requireSymmetric(a, n);
      return run({ op: 'eigenvalues', args: { a, n } }, signal);
    },

    async topSubspace(m, r, { signal } = {}) {
      requireSubspaceSize(r, m.cols);
      requireFinite('m', m);
      return run({ op: 'subspace', args: { m, r } }, signal);
    },
  };
}
