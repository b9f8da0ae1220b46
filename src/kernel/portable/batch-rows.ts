// The rows that a training step takes.

/** The rows of a batch. */
export interface BatchRows {
  /** Of X; each once where rows that are equal count together. */
  readonly rows: Int32Array;
  /** How often each occurs. */
  readonly counts: Float64Array;
  /** B */
  readonly size: number;
}
