// The features of two checkpoints, each seen in the other, as the table that features.parquet would be.
import type { DecoderSide } from '../../../src/compare/compare-decoders.js';
import type { ComparisonDone } from './comparison.js';
import type { FeatureTable, Values } from './feature-table.js';
import { orderOf, sortKeys } from './order.js';
import { type Cell, valueAt } from './rows.js';

/** The columns that two decoders give, in the order of the table. */
export const comparedColumns = [
  'feature',
  'partner',
  'cosine',
  'margin',
  'mutual',
  'assigned',
  'assigned_cosine',
  'norm',
] as const;

/** Rows of the first seen in the second, then of the second seen in the first. */
export function comparisonTable({ a, b }: Pick<ComparisonDone, 'a' | 'b'>): FeatureTable {
  const both = <T extends Values>(of: (side: DecoderSide) => T, out: T): T => {
    out.set(of(a));
    out.set(of(b), a.features.length);
    return out;
  };
  const rows = a.features.length + b.features.length;
  const index = (of: (side: DecoderSide) => Int32Array) => both(of, new Int32Array(rows));
  const number = (of: (side: DecoderSide) => Float64Array) => both(of, new Float64Array(rows));
  const columns = new Map<string, Values>([
    ['feature', index(({ features }) => features)],
    ['partner', index(({ partner }) => partner)],
    ['cosine', number(({ cosine }) => cosine)],
    ['margin', number(({ margin }) => margin)],
    ['mutual', both<Uint8Array>(({ mutual }) => mutual, new Uint8Array(rows))],
    ['assigned', index(({ assigned }) => assigned)],
    ['assigned_cosine', number(assignedCosine)],
    ['norm', number(({ features, norm }) => Float64Array.from(features, (i) => norm[i]))],
  ]);
  const blocks = [
    { group: '', sae: a.id, other: b.id, start: 0, end: a.features.length },
    { group: '', sae: b.id, other: a.id, start: a.features.length, end: rows },
  ];
  return { rows, blocks, columns };
}

/** Without a partner there is none. */
function assignedCosine({ assigned, assignedCosine }: DecoderSide): Float64Array {
  return assignedCosine.map((cosine, i) => (assigned[i] < 0 ? Number.NaN : cosine));
}

/** The rows of one side in some order, as the table of the page reads them. */
export class ComparedRows {
  readonly order: Uint32Array;

  /** @param side 0 for the first seen in the second @param sort in the order of features where absent */
  constructor(
    private readonly table: FeatureTable,
    side: 0 | 1,
    sort?: { readonly column: string; readonly descending: boolean },
  ) {
    const { start, end } = table.blocks[side];
    const keys = sort && sortKeys(table, sort.column, 0);
    if (!keys) {
      this.order = Uint32Array.from({ length: end - start }, (_, i) => start + i);
      return;
    }
    const { rows, known } = orderOf(keys.subarray(start, end));
    // Those without a value stay last either way.
    const sorted = sort.descending ? rows.subarray(0, known).slice().reverse() : rows.subarray(0, known);
    this.order = Uint32Array.from([...sorted, ...rows.subarray(known)], (row) => start + row);
  }

  async rows(from: number, to: number, columns: readonly string[]): Promise<Cell[][]> {
    return columns.map((id) =>
      Array.from(this.order.subarray(from, to), (row) => valueAt(this.table, id, row)),
    );
  }
}

/** How many features of a side have a partner so near, and how many of these are each other's best. */
export function countAt({ cosine, mutual }: DecoderSide, cut: number): { near: number; mutual: number } {
  let near = 0;
  let both = 0;
  for (let i = 0; i < cosine.length; i++) {
    if (Math.abs(cosine[i]) < cut) continue;
    near++;
    both += mutual[i];
  }
  return { near, mutual: both };
}
