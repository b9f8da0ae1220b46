// Which pairs (a, b) are trained on and which are held out, decided by the seed alone.
import { Rng } from '../../tensor/rng.js';
import { pairCount, type TransformerConfig } from './config.js';

/** Share of all pairs that training never sees. */
export const heldOutShare = 0.3;

export interface PairSplit {
  /** Pair indices n = a · modulus + b, ascending. */
  readonly train: Int32Array;
  /** The others, ascending. */
  readonly heldOut: Int32Array;
}

/** Splits all pairs at random. */
export function splitPairs(config: TransformerConfig, seed: number): PairSplit {
  const order = new Rng(seed, 'transformer', 'split').permutation(pairCount(config));
  const held = Math.round(heldOutShare * order.length);
  return { heldOut: order.slice(0, held).sort(), train: order.slice(held).sort() };
}

/** The pairs that a model of this shape and seed was not trained on, ascending. */
export function heldOutPairs(config: TransformerConfig, seed: number): Int32Array {
  return splitPairs(config, seed).heldOut;
}
