// Shortest augmenting paths over lists of each row's best columns, exact.
//
// The algorithm of Jonker and Volgenant (Computing 38, 1987) for max Σ value[i][partner(i)], rows ≤ columns: prices
// p_j ≥ 0, a row's profit u_i = max_j (value_ij − p_j), all prices 0 at first. Rows without a column first bid for
// their best one, raising its price to where the second best is as good ("augmenting row reduction"); the few that
// are left take a shortest path of reassignments (Dijkstra over value_ij − p_j, which prices keep non-negative).
// An unassigned column keeps price 0, so Σ u_i + Σ p_j equals the total: the assignment is optimal.
//
// A row looks at its list of m columns only. Prices never fall, so a column outside the list is never worth more
// than the worst in the list was when it was made: the row's limit. A bid is right when its second best reaches the
// limit. In a search, a row at distance h can reach columns outside its list no sooner than h − limit; when the
// search gets that far, the row is computed anew at current prices. So every decision is the one that whole rows
// would give, while almost all work is on lists: no row is looked at whole but when its list is used up.
//
// The result does not depend on the order within lists. Of columns that are equally good a row takes a free one, else
// the first from its own first choice on; of equally near ones the search takes the lower first, and those in lists
// before it computes a row.
import type { AssignState, ColumnLists } from '../assignment.js';
import { DistanceQueue } from './distance-queue.js';
import { firstChoice, TopList } from './top-list.js';

/** Bids a round, per row; the search does the rest. */
const BIDS_PER_ROW = 8;

/** Values of one row with all columns; valid until the next call. */
export type RowValues = (row: number) => Float64Array;

export class AssignSolver {
  readonly #rows: number;
  readonly #columns: number;
  readonly #top: TopList;
  #scansLeft = 0;
  /** Worth of every column outside a row's list is at most this, now and later. */
  readonly #limit: Float64Array;
  readonly #rowOf: Int32Array;
  /** Entries of the two best columns of the row that bids; −1 where there is no second. */
  #best = -1;
  #second = -1;

  // Of the search that is under way: of columns their distance, the row they were reached from and its value with
  // them; of rows their distance (of their column, plus what the row's own profit adds) and the last search that
  // computed them anew.
  readonly #distance: Float64Array;
  readonly #reachedFrom: Int32Array;
  readonly #reachedValue: Float64Array;
  readonly #isClosed: Uint8Array;
  readonly #from: Float64Array;
  readonly #computedIn: Int32Array;
  readonly #columnsOpen = new DistanceQueue();
  readonly #rowsOpen = new DistanceQueue();
  #touched: number[] = [];
  #closed: number[] = [];
  #nearestFree = 0;
  #search = 0;

  constructor(
    readonly lists: ColumnLists,
    readonly state: AssignState,
    readonly values: RowValues,
  ) {
    this.#rows = state.partner.length;
    this.#columns = state.price.length;
    this.#top = new TopList(lists.m);
    this.#limit = new Float64Array(this.#rows);
    this.#rowOf = new Int32Array(this.#columns).fill(-1);
    this.#distance = new Float64Array(this.#columns).fill(Number.POSITIVE_INFINITY);
    this.#reachedFrom = new Int32Array(this.#columns);
    this.#reachedValue = new Float64Array(this.#columns);
    this.#isClosed = new Uint8Array(this.#columns);
    this.#from = new Float64Array(this.#rows);
    this.#computedIn = new Int32Array(this.#rows);
    for (let i = 0; i < this.#rows; i++) {
      this.#measureLimit(i);
      if (state.partner[i] >= 0) this.#rowOf[state.partner[i]] = i;
    }
  }

  /** Assigns every row, computing at most `scans` rows anew; rows that need more stay unassigned. */
  run(scans: number): void {
    this.#scansLeft = scans;
    let free: number[] = [];
    this.state.partner.forEach((j, i) => {
      if (j < 0) free.push(i);
    });
    for (let round = 0; round < 2; round++) free = this.#bidAll(free);
    for (const row of free) this.#augment(row);
  }

  /** Gives each unassigned row, in order, the free column with the largest value. */
  complete(): void {
    for (let i = 0; i < this.#rows; i++) {
      if (this.state.partner[i] >= 0) continue;
      const values = this.values(i);
      let best = -1;
      for (let j = 0; j < this.#columns; j++) {
        if (this.#rowOf[j] < 0 && (best < 0 || values[j] > values[best])) best = j;
      }
      this.#assign(i, best, values[best]);
    }
  }

  allAssigned(): boolean {
    return this.state.partner.every((j) => j >= 0);
  }

  /** Σ_i max_j (value_ij − p_j) + Σ_j p_j: no total is larger. Computes rows that are worth less than their limit. */
  upperBound(): number {
    const { m } = this.lists;
    const { price } = this.state;
    let bound = 0;
    for (let i = 0; i < this.#rows; i++) {
      let most = Number.NEGATIVE_INFINITY;
      for (let e = i * m; e < (i + 1) * m; e++) most = Math.max(most, this.#worth(e));
      if (most < this.#limit[i]) {
        const values = this.values(i);
        for (let j = 0; j < this.#columns; j++) most = Math.max(most, values[j] - price[j]);
      }
      bound += most;
    }
    return price.reduce((sum, p) => sum + p, bound);
  }

  #assign(row: number, column: number, value: number): void {
    this.state.partner[row] = column;
    this.state.value[row] = value;
    this.#rowOf[column] = row;
  }

  #worth(entry: number): number {
    return this.lists.value[entry] - this.state.price[this.lists.index[entry]];
  }

  #firstChoice(row: number): number {
    return firstChoice(row, this.#rows, this.#columns);
  }

  #measureLimit(row: number): void {
    const { m } = this.lists;
    let least = m < this.#columns ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    for (let e = row * m; e < (row + 1) * m; e++) least = Math.min(least, this.#worth(e));
    this.#limit[row] = least;
  }

  /** Computes a row and lists its best columns at current prices; nothing when no scan is left. */
  #scan(row: number): Float64Array | undefined {
    if (this.#scansLeft === 0) return undefined;
    this.#scansLeft--;
    const { m, index, value } = this.lists;
    const values = this.values(row);
    this.#top.select(
      values,
      0,
      this.state.price,
      this.#columns,
      this.#firstChoice(row),
      index,
      value,
      row * m,
    );
    this.#measureLimit(row);
    return values;
  }

  /** Finds the row's two best columns. False when the list does not reach. */
  #findTwo(row: number): boolean {
    const { m, index } = this.lists;
    for (;;) {
      let first = Number.NEGATIVE_INFINITY;
      let next = first;
      this.#best = -1;
      this.#second = -1;
      for (let e = row * m; e < (row + 1) * m; e++) {
        const worth = this.#worth(e);
        if (worth > first || (worth === first && this.#isChosenBefore(row, index[e], index[this.#best]))) {
          next = first;
          this.#second = this.#best;
          first = worth;
          this.#best = e;
        } else if (
          worth > next ||
          (worth === next && this.#isChosenBefore(row, index[e], index[this.#second]))
        ) {
          next = worth;
          this.#second = e;
        }
      }
      if (next >= this.#limit[row]) return true;
      if (!this.#scan(row)) return false;
    }
  }

  /** Whether a row that finds two columns equally good takes this one: a free one, else the first from its choice on. */
  #isChosenBefore(row: number, column: number, other: number): boolean {
    const isFree = this.#rowOf[column] < 0;
    if (isFree !== this.#rowOf[other] < 0) return isFree;
    const first = this.#firstChoice(row);
    return column < first === other < first ? column < other : other < first;
  }

  /** Every row of `free` bids, and so do rows that are outbid; returns those left without a column. */
  #bidAll(free: readonly number[]): number[] {
    const { index, value } = this.lists;
    const { price, partner } = this.state;
    const left: number[] = [];
    let bids = BIDS_PER_ROW * this.#rows;
    for (const first of free) {
      for (let row = first; row >= 0; ) {
        if (!this.#findTwo(row)) {
          left.push(row);
          break;
        }
        let entry = this.#best;
        const second = this.#second;
        const asked = price[index[entry]];
        const raised = second < 0 ? asked : asked + (this.#worth(entry) - this.#worth(second));
        const rises = raised > asked;
        if (rises) price[index[entry]] = raised;
        // As good, and perhaps still free.
        else if (this.#rowOf[index[entry]] >= 0 && second >= 0) entry = second;
        const outbid = this.#rowOf[index[entry]];
        this.#assign(row, index[entry], value[entry]);
        row = -1;
        if (outbid < 0) continue;
        partner[outbid] = -1;
        this.state.value[outbid] = 0;
        if (rises && bids > 0) {
          bids--;
          row = outbid;
        } else {
          left.push(outbid);
        }
      }
    }
    return left;
  }

  /** Offers a column at the distance it has from `row`. */
  #reach(row: number, column: number, value: number): void {
    const distance = this.#from[row] - (value - this.state.price[column]);
    const known = this.#distance[column];
    // Columns past the nearest free one are not on the shortest path, and others as near need not be.
    if (!(distance < known) || distance >= this.#nearestFree || this.#isClosed[column]) return;
    if (known === Number.POSITIVE_INFINITY) this.#touched.push(column);
    this.#distance[column] = distance;
    this.#reachedFrom[column] = row;
    this.#reachedValue[column] = value;
    this.#columnsOpen.push(distance, column);
    if (this.#rowOf[column] < 0) this.#nearestFree = distance;
  }

  #reachList(row: number): void {
    const { m, index, value } = this.lists;
    for (let e = row * m; e < (row + 1) * m; e++) this.#reach(row, index[e], value[e]);
    const beyond = this.#from[row] - this.#limit[row];
    if (beyond < this.#nearestFree) this.#rowsOpen.push(beyond, row);
  }

  /** Reaches columns outside the row's list: through a new list, and if that is used up too, all of them. */
  #lookBeyond(row: number): boolean {
    const values = this.#scan(row);
    if (!values) return false;
    if (this.#computedIn[row] !== this.#search) {
      this.#computedIn[row] = this.#search;
      this.#reachList(row);
    } else {
      for (let j = 0; j < this.#columns; j++) this.#reach(row, j, values[j]);
    }
    return true;
  }

  /** Searches from a row without a column; returns the nearest free column, or −1 when no scan is left. */
  #nearestFreeColumn(start: number): number {
    const { value, price } = this.state;
    this.#from[start] = 0;
    this.#reachList(start);
    for (;;) {
      // A column that was reached again, by a shorter way, has an old key that no longer counts.
      while (this.#columnsOpen.size > 0 && this.#isClosed[this.#columnsOpen.id]) this.#columnsOpen.pop();
      if (this.#rowsOpen.size > 0 && this.#rowsOpen.distance < this.#columnsOpen.distance) {
        const row = this.#rowsOpen.id;
        this.#rowsOpen.pop();
        if (!this.#lookBeyond(row)) return -1;
        continue;
      }
      const { id: column, distance } = this.#columnsOpen;
      this.#columnsOpen.pop();
      const owner = this.#rowOf[column];
      if (owner < 0) return column;
      this.#isClosed[column] = 1;
      this.#closed.push(column);
      this.#from[owner] = distance + (value[owner] - price[column]);
      this.#reachList(owner);
    }
  }

  /** Gives a row a column along the shortest path, if that is found before the scans are used up. */
  #augment(start: number): void {
    const { partner, price } = this.state;
    this.#search++;
    this.#nearestFree = Number.POSITIVE_INFINITY;
    this.#columnsOpen.clear();
    this.#rowsOpen.clear();
    const end = this.#nearestFreeColumn(start);
    if (end >= 0) {
      const length = this.#distance[end];
      // Rounding can put a column an ulp past the end; prices must not fall.
      for (const j of this.#closed) price[j] += Math.max(0, length - this.#distance[j]);
      for (let column = end; ; ) {
        const row = this.#reachedFrom[column];
        const left = partner[row];
        this.#assign(row, column, this.#reachedValue[column]);
        if (row === start) break;
        column = left;
      }
    }
    for (const j of this.#closed) this.#isClosed[j] = 0;
    for (const j of this.#touched) this.#distance[j] = Number.POSITIVE_INFINITY;
    this.#closed = [];
    this.#touched = [];
  }
}
