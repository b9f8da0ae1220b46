// A kernel whose slow comparisons are kept between runs, by the content of what is compared.
//
// The key of a call is the operation, its version, and the hash of its inputs. So a killed run continues where it stopped, a sixth
// SAE costs only its own pairs, and what is asked for twice is computed once, whoever asks. Hashing costs about a nanosecond
// a byte; calls that take less than some ten milliseconds are not worth it.
import { hashArrays, type Keep, type Key } from '../keep.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { Kernel } from './interface.js';
import { kernelVersions } from './versions.js';

/** Multiply-adds of the smallest call that is kept by default. */
export const worthKeeping = 2 ** 30;

/**
 * The same kernel; `bestMatches`, `coFiring`, `assign`, `assignCodes` and `topSubspace` ask `keep` first. Matrices that have been given must
 * not change.
 * @param worth multiply-adds of the smallest call that is kept
 */
export function rememberingKernel(kernel: Kernel, keep: Keep, worth = worthKeeping): Kernel {
  const hashes = new WeakMap<object, Promise<string>>();
  const hashOf = (value: object, arrays: readonly ArrayBufferView[]): Promise<string> => {
    const known = hashes.get(value) ?? hashArrays(arrays);
    hashes.set(value, known);
    return known;
  };
  const ofMatrix = (m: Matrix) => hashOf(m, [Int32Array.of(m.rows, m.cols), m.data]);
  const ofCodes = (c: SparseCodes) =>
    hashOf(c, [Int32Array.of(c.rows, c.features), c.offsets, c.indices, c.values]);
  const kept = async <T>(
    operation: keyof typeof kernelVersions,
    work: number,
    inputs: () => Promise<Key>,
    compute: () => Promise<T>,
  ): Promise<T> => {
    if (work < worth) return compute();
    return keep(['kernel', operation, kernelVersions[operation], ...(await inputs())], compute);
  };
  // What is not kept goes to the kernel itself.
  const remembering: Partial<Kernel> = {
    bestMatches: (a, b, options) =>
      kept(
        'bestMatches',
        a.rows * b.rows * a.cols,
        async () => [await ofMatrix(a), await ofMatrix(b)],
        () => kernel.bestMatches(a, b, options),
      ),
    coFiring: (a, b, options) =>
      kept(
        'coFiring',
        // Scattered adds take about ten times as long as those of a product.
        a.rows === 0 ? 0 : (10 * a.indices.length * b.indices.length) / a.rows,
        async () => [await ofCodes(a), await ofCodes(b)],
        () => kernel.coFiring(a, b, options),
      ),
    assign: (a, b, options = {}) =>
      kept(
        'assign',
        4 * a.rows * b.rows * a.cols,
        async () => [await ofMatrix(a), await ofMatrix(b), options.absolute ?? false, options.memory ?? 0],
        () => kernel.assign(a, b, options),
      ),
    assignCodes: (a, b, options = {}) =>
      kept(
        'assignCodes',
        (40 * a.indices.length * b.indices.length) / Math.max(1, a.rows),
        async () => [await ofCodes(a), await ofCodes(b), options.memory ?? 0],
        () => kernel.assignCodes(a, b, options),
      ),
    topSubspace: (m, r, options) =>
      kept(
        'topSubspace',
        m.rows * m.cols ** 2 + 10 * m.cols ** 3,
        async () => [await ofMatrix(m), r],
        () => kernel.topSubspace(m, r, options),
      ),
  };
  return Object.assign(Object.create(kernel) as Kernel, remembering);
}
