// Settles listed strips some at a time: their products in float64, by the kernel that this runs beside.
import type { Matrix } from '../../tensor/matrix.js';
import type { ListedPairs, ListedProductsKernel } from '../listed-products.js';
import type { WorkOptions } from '../work-options.js';
import type { ListedStrip, Query, Screen } from './screen.js';

/** Listed pairs of A's rows `from … to)`, partners ascending in each row, with their products. */
export interface SettledStrip extends ListedStrip {
  /** [pairs] in float64 */
  readonly products: Float64Array;
}

/** Pairs that are settled in one call. */
const TOGETHER = 2 ** 20;

/**
 * The strips of a query with their exact products, in ascending order. The caller has found all values finite.
 * @throws what the screen throws; internal.cancelled
 */
export async function* settledStrips(
  screen: Screen,
  kernel: ListedProductsKernel,
  query: Query,
  options: WorkOptions = {},
): AsyncGenerator<SettledStrip> {
  let waiting: ListedStrip[] = [];
  let listed = 0;
  for await (const strip of screen.list(query, options)) {
    waiting.push(strip);
    listed += strip.pairs.partners.length;
    if (listed < TOGETHER) continue;
    yield await settle(kernel, query, waiting, options);
    waiting = [];
    listed = 0;
  }
  if (waiting.length > 0) yield await settle(kernel, query, waiting, options);
}

async function settle(
  kernel: ListedProductsKernel,
  { a, b }: Query,
  strips: readonly ListedStrip[],
  options: WorkOptions,
): Promise<SettledStrip> {
  const { from } = strips[0];
  const { to } = strips[strips.length - 1];
  const pairs = joinPairs(strips.map((strip) => strip.pairs));
  const rows: Matrix = {
    rows: to - from,
    cols: a.cols,
    data: a.data.subarray(from * a.cols, to * a.cols),
  };
  return {
    from,
    to,
    pairs,
    products: await kernel.listedProducts(rows, b, pairs, { ...options, finite: true }),
  };
}

/** Longer lists are sorted by the language; a call costs as much as some dozens of comparisons. */
const SHORT = 48;

/** Sorts entries `from … to)` in ascending order. */
function sortPart(values: Int32Array, from: number, to: number): void {
  if (to - from > SHORT) {
    values.subarray(from, to).sort();
    return;
  }
  for (let e = from + 1; e < to; e++) {
    const value = values[e];
    let at = e;
    for (; at > from && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

/** The pairs of rows that follow each other, partners ascending. */
function joinPairs(parts: readonly ListedPairs[]): ListedPairs {
  const rows = parts.reduce((sum, { offsets }) => sum + offsets.length - 1, 0);
  const count = parts.reduce((sum, { partners }) => sum + partners.length, 0);
  const offsets = new Int32Array(rows + 1);
  const partners = new Int32Array(count);
  let row = 0;
  let at = 0;
  for (const part of parts) {
    partners.set(part.partners, at);
    for (let i = 0; i + 1 < part.offsets.length; i++) {
      sortPart(partners, at + part.offsets[i], at + part.offsets[i + 1]);
      offsets[++row] = at + part.offsets[i + 1];
    }
    at += part.partners.length;
  }
  return { offsets, partners };
}
