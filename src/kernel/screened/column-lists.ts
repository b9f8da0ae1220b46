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
  let listed = listedColumns(4 * m);
  for await (const { from, to, pairs, products } of settledStrips(screen, kernel, query, options)) {
    if (absolute) for (let e = 0; e < products.length; e++) products[e] = Math.abs(products[e]);
    for (let i = from; i < to; i++) {
      const start = pairs.offsets[i - from];
      const n = pairs.offsets[i - from + 1] - start;
      if (isZeroRow(a, i)) {
        // Each column is worth what it costs.
        top.select(none, 0, price, g, firstChoice(i, f, g), index, value, i * m);
        continue;
      }
      if (n < m) throw new TooFew(i, n, m);
      if (n > listed.columns.length) listed = listedColumns(2 * n);
      turnTo(firstChoice(i, f, g), pairs.partners, products, start, n, price, listed);
      top.select(listed.values, 0, listed.prices, n, 0, index, value, i * m);
      for (let s = i * m; s < (i + 1) * m; s++) index[s] = listed.columns[index[s]];
    }
  }
}

/** The listed columns of a row, with what they are worth and cost. */
interface ListedColumns {
  readonly columns: Int32Array;
  readonly values: Float64Array;
  readonly prices: Float64Array;
}

function listedColumns(n: number): ListedColumns {
  return { columns: new Int32Array(n), values: new Float64Array(n), prices: new Float64Array(n) };
}

/** Takes n ascending columns from `start` on, those from column `first` on before the others. */
function turnTo(
  first: number,
  partners: Int32Array,
  products: Float64Array,
  start: number,
  n: number,
  price: Float64Array,
  { columns, values, prices }: ListedColumns,
): void {
  let cut = start;
  while (cut < start + n && partners[cut] < first) cut++;
  for (let s = 0, e = cut; s < n; s++, e++) {
    if (e === start + n) e = start;
    columns[s] = partners[e];
    values[s] = products[e];
    prices[s] = price[partners[e]];
  }
}
