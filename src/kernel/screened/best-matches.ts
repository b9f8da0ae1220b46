// Best matches from listed pairs: each pair is offered to its row and to its column.
import type { Matrix } from '../../tensor/matrix.js';
import type { Best, BestMatches } from '../interface.js';
import type { ListedProductsKernel } from '../listed-products.js';
import { emptyBest, finish, offer } from '../portable/best.js';
import type { WorkOptions } from '../work-options.js';
import { settledStrips } from './batches.js';
import { isZeroRow, type Screen } from './screen.js';

/** The best two partners of every row of A [F×d] and of B [G×d], as `Kernel.bestMatches` gives them. */
export async function screenedMatches(
  screen: Screen,
  kernel: ListedProductsKernel,
  a: Matrix,
  b: Matrix,
  options?: WorkOptions,
): Promise<BestMatches> {
  const both = (n: number) => ({ signed: emptyBest(n), abs: emptyBest(n) });
  const found = { aToB: both(a.rows), bToA: both(b.rows) };
  const query = { a, b, m: 2, by: 'both', of: 'rows and columns' } as const;
  for await (const { from, to, pairs, products } of settledStrips(screen, kernel, query, options)) {
    for (let i = from; i < to; i++) {
      for (let e = pairs.offsets[i - from]; e < pairs.offsets[i - from + 1]; e++) {
        const [j, value] = [pairs.partners[e], products[e]];
        const size = Math.abs(value);
        offer(found.aToB.signed, i, j, value);
        offer(found.aToB.abs, i, j, size);
        offer(found.bToA.signed, j, i, value);
        offer(found.bToA.abs, j, i, size);
      }
    }
  }
  for (const [side, rows, others] of [
    [found.aToB, a, b.rows],
    [found.bToA, b, a.rows],
  ] as const) {
    for (const best of [side.signed, side.abs]) matchZeroRows(finish(best), rows, others);
  }
  return found;
}

/** A row of zeros has product 0 with all of the others, so its partners are the first two. */
function matchZeroRows(best: Best, rows: Matrix, others: number): void {
  for (let i = 0; i < rows.rows; i++) {
    if (!isZeroRow(rows, i)) continue;
    best.index[i] = others > 0 ? 0 : -1;
    best.secondIndex[i] = others > 1 ? 1 : -1;
    best.value[i] = 0;
    best.secondValue[i] = 0;
  }
}
