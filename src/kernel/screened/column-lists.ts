// The best columns of each row by value less price, from listed pairs: the lists that an assignment starts from.
import type { ColumnLists, RowPairs } from '../assignment.js';
import type { ListedProductsKernel } from '../listed-products.js';
import { firstChoice, TopList } from '../portable/top-list.js';
import type { WorkOptions } from '../work-options.js';
import { settledStrips } from './batches.js';
import { isZeroRow, type Screen, TooFew } from './screen.js';

/** Fills the lists at these prices, as `AssignmentSteps.topMatches` does. */
export async function screenedLists(
  screen: Screen,
  kernel: ListedProductsKernel,
  { a, b, absolute }: RowPairs,
  price: Float64Array,
  { m, index, value }: ColumnLists,
  options?: WorkOptions,
): Promise<void> {
  const [f, g] = [a.rows, b.rows];
  const query = { a, b, m, price, by: absolute ? 'size' : 'value', of: 'rows' } as const;
  const top = new TopList(m);
  const none = new Float64Array(g);
  for await (const { from, to, pairs, products } of settledStrips(screen, kernel, query, options)) {
    if (absolute) for (let e = 0; e < products.length; e++) products[e] = Math.abs(products[e]);
    for (let i = from; i < to; i++) {
      const [start, end] = [pairs.offsets[i - from], pairs.offsets[i - from + 1]];
      if (isZeroRow(a, i)) {
        // Each column is worth what it costs.
        top.select(none, 0, price, g, firstChoice(i, f, g), index, value, i * m);
        continue;
      }
      if (end - start < m) throw new TooFew(i, end - start, m);
      const order = turned(pairs.partners.subarray(start, end), firstChoice(i, f, g));
      const own = Float64Array.from(order, (s) => products[start + s]);
      const prices = Float64Array.from(order, (s) => price[pairs.partners[start + s]]);
      top.select(own, 0, prices, own.length, 0, index, value, i * m);
      for (let s = i * m; s < (i + 1) * m; s++) index[s] = pairs.partners[start + order[index[s]]];
    }
  }
}

/** Positions of ascending columns, those from `first` on before the others. */
function turned(columns: Int32Array, first: number): Int32Array {
  const n = columns.length;
  let cut = 0;
  while (cut < n && columns[cut] < first) cut++;
  return Int32Array.from(columns, (_, s) => (cut + s) % n);
}
