// The kernel: the few operations that take all the time. Two implementations, one contract.
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { AssignmentKernel } from './assignment.js';
import type { DenseKernel } from './dense.js';
import type { ListedProductsKernel } from './listed-products.js';
import type { ReconstructionKernel } from './reconstruction.js';
import type { SpectrumKernel } from './spectrum.js';
import type { TopKKernel } from './top-k.js';
import type { WorkOptions } from './work-options.js';

export type {
  EncodeOptions,
  TopKHyper,
  TopKLosses,
  TopKState,
  TopKTask,
  TopKWeights,
} from './top-k.js';
export type { WorkOptions } from './work-options.js';

/** Best and second-best partner of each of n rows; index −1 and value 0 where there is no such partner. */
export interface Best {
  /** [n] ties go to the lowest index */
  readonly index: Int32Array;
  /** [n] cosine (or its absolute value) with that partner */
  readonly value: Float64Array;
  /** [n] */
  readonly secondIndex: Int32Array;
  /** [n] */
  readonly secondValue: Float64Array;
}

/** Partners by signed and by absolute value, seen from the rows of A and from the rows of B. */
export interface BestMatches {
  readonly aToB: { readonly signed: Best; readonly abs: Best };
  readonly bToA: { readonly signed: Best; readonly abs: Best };
}

/**
 * All operations; those of a family are described in its own file. Everything runs off the event loop, is deterministic at any
 * thread count, and refuses NaN and Inf.
 */
export interface Kernel
  extends AssignmentKernel,
    SpectrumKernel,
    DenseKernel,
    TopKKernel,
    ReconstructionKernel,
    ListedProductsKernel {
  readonly id: 'portable' | 'native' | 'webgpu';
  /** Why this kernel was chosen, one line for people. */
  readonly reason: string;
  readonly threads: number;

  /**
   * Largest products between the rows of A [F×d] and of B [G×d], exact float64 arithmetic on the float32
   * inputs. Rows are meant to be unit rows, so that products are cosines.
   */
  bestMatches(a: Matrix, b: Matrix, options?: WorkOptions): Promise<BestMatches>;

  /**
   * Best partners between the code columns of A [N×F] and of B [N×G] by cosine over the rows, not centred.
   * Columns that never fire have no partner (index −1, value 0).
   */
  coFiring(a: SparseCodes, b: SparseCodes, options?: WorkOptions): Promise<BestMatches>;

  /** Ends the threads; running work is abandoned. */
  close(): Promise<void>;
}
