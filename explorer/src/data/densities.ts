// The density of selected rows: from that of other rows of the group, with what comes in and without what goes.
import { type Binning, cosineBins, rateBins } from './binning.js';
import { differing, lowest, noBits, setRange } from './bits.js';
import type { FeatureTable } from './feature-table.js';

/** Rows whose density is known. */
interface Counted {
  readonly rows: Uint32Array;
  /** [rateBins · cosineBins] */
  readonly density: Uint32Array;
}

export class Densities {
  readonly #none: Counted;
  /** All rows of a group. */
  readonly #all = new Map<string, Counted>();
  #last: (Counted & { readonly group: string }) | undefined;

  constructor(
    private readonly table: FeatureTable,
    private readonly binning: Binning,
  ) {
    this.#none = { rows: noBits(table.rows), density: new Uint32Array(rateBins * cosineBins) };
  }

  /** @param rows of the group @returns [rateBins · cosineBins] how many of them are in each cell */
  of(rows: Uint32Array, group: string): Uint32Array {
    // One step after another changes little; what is typed may be far from all before.
    const known = [this.#none, this.#ofAll(group), ...(this.#last?.group === group ? [this.#last] : [])];
    const steps = known.map((one) => differing(rows, one.rows));
    const density = this.#from(known[steps.indexOf(Math.min(...steps))], rows);
    this.#last = { group, rows, density };
    return density;
  }

  #ofAll(group: string): Counted {
    const known = this.#all.get(group);
    if (known) return known;
    const rows = noBits(this.table.rows);
    for (const block of this.table.blocks) if (block.group === group) setRange(rows, block.start, block.end);
    const counted = { rows, density: this.#from(this.#none, rows) };
    this.#all.set(group, counted);
    return counted;
  }

  #from(known: Counted, rows: Uint32Array): Uint32Array {
    const { cells } = this.binning;
    const density = known.density.slice();
    for (let w = 0; w < rows.length; w++) {
      const [before, now] = [known.rows[w], rows[w]];
      for (let left = now & ~before; left !== 0; left &= left - 1) density[cells[32 * w + lowest(left)]]++;
      for (let left = before & ~now; left !== 0; left &= left - 1) density[cells[32 * w + lowest(left)]]--;
    }
    return density;
  }
}
