// What every null that is drawn needs: a kernel, a seed, how well its mean is to be known, and the most it may draw.
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';

export interface DrawOptions extends WorkOptions {
  readonly kernel: Kernel;
  /** Names the streams that are drawn from: draw n is the same however many are drawn. */
  readonly seed: number;
  /** The most that is drawn, at least 2. */
  readonly draws: number;
  /** Drawing ends when the error of the mean is at most this, after two draws at the earliest; 5e-4 by default. */
  readonly precision?: number | undefined;
}

/** Scores are read to three decimals. */
export const defaultPrecision = 5e-4;

/** @throws usage.argument below two draws, which have no SD */
export function requireDraws(draws: number): void {
  if (!Number.isInteger(draws) || draws < 2) {
    throw new ReseedError('usage.argument', 'too few draws for the SD of a null', {
      field: 'draws',
      found: String(draws),
      expected: 'a whole number ≥ 2',
    });
  }
}

/** @throws usage.argument for what is no error */
export function requirePrecision(precision: number): void {
  if (precision >= 0) return;
  throw new ReseedError('usage.argument', 'not a precision of a mean', {
    field: 'precision',
    found: String(precision),
    expected: 'a number ≥ 0',
  });
}
