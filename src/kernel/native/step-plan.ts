// The training steps of one task as the addon takes them.

/** The steps of one task. */
export interface StepPlan {
  /** Rows of all batches, one after the other, and where each begins [steps + 1]. */
  readonly rows: Int32Array;
  readonly starts: Int32Array;
  /** Of each step: lr/(1 − β₁ᵗ) and √(1 − β₂ᵗ) [steps] */
  readonly stepSizes: Float64Array;
  readonly roots: Float64Array;
}

/** @param taken steps before the first of these @param rate learning rate of each step */
export function stepPlan(
  batches: readonly Int32Array[],
  taken: number,
  rate: (step: number) => number,
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): StepPlan {
  const starts = new Int32Array(batches.length + 1);
  batches.forEach((batch, s) => {
    starts[s + 1] = starts[s] + batch.length;
  });
  const rows = new Int32Array(starts[batches.length]);
  batches.forEach((batch, s) => {
    rows.set(batch, starts[s]);
  });
  return {
    rows,
    starts,
    stepSizes: Float64Array.from(batches, (_, s) => rate(s) / (1 - beta1 ** (taken + s + 1))),
    roots: Float64Array.from(batches, (_, s) => Math.sqrt(1 - beta2 ** (taken + s + 1))),
  };
}
