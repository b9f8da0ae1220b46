// How well measured values give back known ones: bias, error, and whether they rise with them.
//
// For known kᵢ and measured mᵢ: bias = mean(m − k), error = √mean((m − k)²), worst = max |m − k|. `rises`: put in order of
// the known values, no measured value is below the one before it; values of the same k are averaged first.
import { mean } from './summary.js';

export interface KnownAndMeasured {
  readonly known: number;
  readonly measured: number;
}

export interface Calibration {
  /** Number of values. */
  readonly n: number;
  readonly bias: number;
  /** Root mean square. */
  readonly error: number;
  readonly worst: number;
  /** Absent where there is one known value only. */
  readonly rises?: boolean;
}

/** Undefined of nothing. */
export function calibration(values: readonly KnownAndMeasured[]): Calibration | undefined {
  if (values.length === 0) return undefined;
  const off = values.map(({ known, measured }) => measured - known);
  const levels = [...new Set(values.map(({ known }) => known))].sort((a, b) => a - b);
  const means = levels.map((k) =>
    mean(values.filter(({ known }) => known === k).map(({ measured }) => measured)),
  );
  return {
    n: values.length,
    bias: mean(off),
    error: Math.sqrt(mean(off.map((e) => e * e))),
    worst: Math.max(...off.map(Math.abs)),
    ...(levels.length > 1 ? { rises: means.every((m, i) => i === 0 || m >= means[i - 1]) } : {}),
  };
}
