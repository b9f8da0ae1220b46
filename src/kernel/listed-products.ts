// Exact products of the pairs of rows that are listed: what settles the pairs that an approximate screen leaves.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { requireFinite, requireSameWidth } from './arguments.js';
import type { WorkOptions } from './work-options.js';

/** For each row of A some rows of B. */
export interface ListedPairs {
  /** [F + 1] where the partners of each row begin; those of the last end at the last entry */
  readonly offsets: Int32Array;
  /** [pairs] rows of B, in any order */
  readonly partners: Int32Array;
}

export interface ListedOptions extends WorkOptions {
  /** The caller has found all values of A and B finite: who asks often about one B looks through it once. */
  readonly finite?: true;
}

/** The operation on listed pairs, as every kernel offers it. */
export interface ListedProductsKernel {
  /**
   * The products of the listed pairs between rows of A [F×d] and of B [G×d], in float64 [pairs]: the very numbers that the other
   * operations compare. @throws input.shape, input.non-finite, internal.cancelled
   */
  listedProducts(a: Matrix, b: Matrix, pairs: ListedPairs, options?: ListedOptions): Promise<Float64Array>;
}

/** @throws input.shape unless all fit together; input.non-finite for A and B, unless they are known to be finite */
export function requireListed(
  a: Matrix,
  b: Matrix,
  { offsets, partners }: ListedPairs,
  { finite }: ListedOptions = {},
): void {
  requireSameWidth(a, b);
  const refuse = (found: string, expected: string): never => {
    throw new ReseedError('input.shape', 'listed pairs do not fit the rows', {
      field: 'pairs',
      found,
      expected,
    });
  };
  if (offsets.length !== a.rows + 1) refuse(`${offsets.length} offsets`, `${a.rows + 1} offsets`);
  if (offsets[0] !== 0 || offsets[a.rows] !== partners.length) {
    refuse(`offsets from ${offsets[0]} to ${offsets[a.rows]}`, `from 0 to ${partners.length}`);
  }
  for (let i = 0; i < a.rows; i++) {
    if (offsets[i + 1] < offsets[i]) refuse(`offsets that fall behind row ${i}`, 'offsets that do not fall');
  }
  for (const j of partners) {
    if (j < 0 || j >= b.rows) refuse(`partner ${j}`, `0 to ${b.rows - 1}`);
  }
  if (finite) return;
  requireFinite('a', a);
  requireFinite('b', b);
}
