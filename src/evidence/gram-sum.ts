// The centred Gram matrix of rows that come block by block.
//
// With a shift s near the means: S = Σ(x − s)(x − s)ᵀ, and Σ(x − x̄)(x − x̄)ᵀ = S − N·δδᵀ with δ = x̄ − s.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Matrix } from '../tensor/matrix.js';

export class GramSum {
  readonly #sum: Float64Array;

  /** @param shift [d] */
  constructor(
    private readonly shift: Float64Array,
    private readonly kernel: Kernel,
  ) {
    this.#sum = new Float64Array(shift.length ** 2);
  }

  /** Adds a block, of a multiple of 256 rows but for the last. @throws input.non-finite; internal.cancelled */
  async add(block: Matrix, options: WorkOptions): Promise<void> {
    return this.kernel.addGram(this.#sum, block, this.shift, options);
  }

  /** The sum over the rows that are left without these, which were added to both, about the same shift. */
  without(others: GramSum): GramSum {
    const left = new GramSum(this.shift, this.kernel);
    for (let e = 0; e < left.#sum.length; e++) left.#sum[e] = this.#sum[e] - others.#sum[e];
    return left;
  }

  /** [d×d], symmetric. @param offsets δ [d] */
  centred(rows: number, offsets: Float64Array): Float64Array {
    const d = offsets.length;
    const out = Float64Array.from(this.#sum);
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++) {
        out[i * d + j] -= rows * offsets[i] * offsets[j];
        out[j * d + i] = out[i * d + j];
      }
    }
    return out;
  }
}
