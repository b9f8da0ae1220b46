// The order of the data: which rows make up each batch of an epoch, from the order seed alone.
import { Rng } from '../tensor/rng.js';

/** Rows 0 … n−1 in a fresh random order for this epoch, cut into batches; the last may be smaller. */
export function epochBatches(orderSeed: number, epoch: number, n: number, batchSize: number): Int32Array[] {
  const order = new Rng(orderSeed, 'order', epoch).permutation(n);
  const batches: Int32Array[] = [];
  for (let at = 0; at < n; at += batchSize) batches.push(order.subarray(at, Math.min(n, at + batchSize)));
  return batches;
}
