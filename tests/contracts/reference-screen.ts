// A screen as a reader would write it, with errors as large as its bound allows: what any screen may do, and the oracle of settling.
import type { ListedPairs } from '../../src/kernel/listed-products.js';
import type { ListedStrip, Query, Screen } from '../../src/kernel/screened/screen.js';
import { isZeroRow } from '../../src/kernel/screened/screen.js';
import { Rng } from '../../src/tensor/index.js';
import { laneProduct } from './lane-product.js';

/** Rows in a strip: few, so that tests have several. */
const STRIP = 37;

/** Errors in units of the largest product. */
const ERROR = 1e-3;

/** What stands at place m of the values, the largest first; −∞ where there are fewer. */
function nth(values: readonly number[], m: number): number {
  return [...values].sort((x, y) => y - x)[m - 1] ?? Number.NEGATIVE_INFINITY;
}

/** A screen whose values are wrong by up to its bound, at random. */
export function noisyScreen(seed = 1): Screen {
  return {
    name: 'a noisy reference',
    async *list(query) {
      const listed = everyListed(query, new Rng(seed, 'noise'));
      for (let from = 0; from < query.a.rows; from += STRIP) {
        const to = Math.min(query.a.rows, from + STRIP);
        yield { from, to, pairs: pairsOf(listed.slice(from, to)) } satisfies ListedStrip;
      }
    },
    close() {},
  };
}

/** For each row of A the columns that may be among the best. */
function everyListed({ a, b, m, by, price, of }: Query, rng: Rng): number[][] {
  const exact = Array.from({ length: a.rows }, (_, i) =>
    Array.from({ length: b.rows }, (_, j) => laneProduct(a, i, b, j)),
  );
  const most = [...exact.flat(), ...(price ?? [])].reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  const error = ERROR * most;
  const kinds = by === 'both' ? (['value', 'size'] as const) : ([by] as const);
  const keep = exact.map((row) => row.map(() => false));
  for (const kind of kinds) {
    const seen = exact.map((row) =>
      row.map((p, j) => {
        const worth = (kind === 'size' ? Math.abs(p) : p) - (price?.[j] ?? 0);
        return worth + error * (2 * rng.uniform() - 1);
      }),
    );
    seen.forEach((row, i) => {
      if (isZeroRow(a, i)) return;
      const least = nth(row, m) - 2 * error;
      row.forEach((v, j) => {
        if (v >= least) keep[i][j] = true;
      });
    });
    if (of === 'rows') continue;
    for (let j = 0; j < b.rows; j++) {
      if (isZeroRow(b, j)) continue;
      const column = seen.map((row) => row[j]);
      const least = nth(column, m) - 2 * error;
      column.forEach((v, i) => {
        if (v >= least) keep[i][j] = true;
      });
    }
  }
  // Not in order: a device does not keep one.
  return keep.map((row) => [...row.keys()].filter((j) => row[j]).reverse());
}

function pairsOf(lists: readonly (readonly number[])[]): ListedPairs {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  return { offsets, partners: Int32Array.from(lists.flat()) };
}
