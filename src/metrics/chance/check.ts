// A level that was computed, drawn as a check on it.
import type { Drawn } from '../nulls/null.js';

export interface ChanceCheck extends Pick<Drawn, 'mean' | 'meanError' | 'draws'> {
  /** What a draw is: a pair of whole random SAEs, or one feature of each among the random features of the other. */
  readonly of: 'pairs' | 'features';
}

/** Pairs are drawn as a check up to this many multiply-adds a pair. */
export const mostWorkOfCheck = 2 ** 33;

export function checkOf(of: ChanceCheck['of'], { mean, meanError, draws }: Drawn): ChanceCheck {
  return { of, mean, meanError, draws };
}
