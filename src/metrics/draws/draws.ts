// What every null that is sampled needs: a kernel, a seed and a number of draws.
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';

export interface DrawOptions extends WorkOptions {
  readonly kernel: Kernel;
  /** Names the streams that are drawn from: draw n is the same however many are drawn, in any order. */
  readonly seed: number;
  /** Number of groups to draw, at least 2. */
  readonly draws: number;
}

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
