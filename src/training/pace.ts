// How long SAEs are trained, in which batches, at which rate.

export interface Pace {
  readonly epochs: number;
  /** Ends training after this many steps, within an epoch too. */
  readonly steps?: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Share of all steps from which the rate falls linearly to 0; without it, it does not fall. */
  readonly decayFrom?: number;
}

/** Steps of a whole run. @param rows N */
export function stepsInAll({ epochs, steps, batchSize }: Pace, rows: number): number {
  return Math.min(epochs * Math.ceil(rows / batchSize), steps ?? Number.POSITIVE_INFINITY);
}
