// The centred Gram matrix of rows that come block by block.
//
// With a shift s near the means: S = Σ(x − s)(x − s)ᵀ, and Σ(x − x̄)(x − x̄)ᵀ = S − N·δδᵀ with δ = x̄ − s.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { type Matrix, rowRange } from '../tensor/matrix.js';

/** What a kernel that adds to a Gram matrix in place offers. */
interface AddsGram {
  addGram(sum: Float64Array, x: Matrix, shift: Float64Array, options?: WorkOptions): Promise<void>;
}

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
    const kernel: Kernel & Partial<AddsGram> = this.kernel;
    if (kernel.addGram) return kernel.addGram(this.#sum, block, this.shift, options);
    return addGramStandIn(kernel, this.#sum, block, this.shift, options);
  }

  /** [d×d], of which the upper triangle counts. @param offsets δ [d] */
  centred(rows: number, offsets: Float64Array): Float64Array {
    const d = offsets.length;
    const out = Float64Array.from(this.#sum);
    for (let i = 0; i < d; i++) for (let j = i; j < d; j++) out[i * d + j] -= rows * offsets[i] * offsets[j];
    return out;
  }
}

/** STAND-IN until the kernel has `addGram`: pieces of 256 rows about their own means, moved to the shift. */
async function addGramStandIn(
  kernel: Kernel,
  sum: Float64Array,
  x: Matrix,
  shift: Float64Array,
  options: WorkOptions,
): Promise<void> {
  const d = x.cols;
  for (let from = 0; from < x.rows; from += 256) {
    const piece = rowRange(x, from, Math.min(x.rows, from + 256));
    const gram = await kernel.gram(piece, { centred: true, ...options });
    const off = new Float64Array(d);
    for (let n = 0, e = 0; n < piece.rows; n++) for (let j = 0; j < d; j++, e++) off[j] += piece.data[e];
    for (let j = 0; j < d; j++) off[j] = off[j] / piece.rows - shift[j];
    for (let i = 0; i < d; i++) {
      const scaled = piece.rows * off[i];
      for (let j = 0; j < d; j++) sum[i * d + j] += gram[i * d + j] + scaled * off[j];
    }
  }
}
