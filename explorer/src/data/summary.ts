// What is shown of the selected rows: how many, their density and histogram, and what the cut makes of them.
import { type Binning, cosineBins } from './binning.js';
import { countIn, eachBit, noBits, ones, slice } from './bits.js';
import { Densities } from './densities.js';
import type { Block, FeatureTable } from './feature-table.js';
import type { Match } from './matching.js';

/** Rows of one SAE seen in one other, of those that are selected. */
export interface PairCount {
  readonly sae: string;
  readonly other: string;
  readonly rows: number;
  /** With |cosine| at the cut or above. */
  readonly atCut: number;
}

export interface Summary {
  /** The same as long as the same rows are selected. */
  readonly rowSet: number;
  /** Selected rows, and all of the group. */
  readonly rows: number;
  readonly of: number;
  /** [rateBins · cosineBins] selected rows in each cell */
  readonly density: Uint32Array;
  /** [cosineBins] */
  readonly histogram: Uint32Array;
  /** Rows by the partner that they have at the cut. */
  readonly classes: { readonly none: number; readonly oneSided: number; readonly mutual: number };
  /** Features by how many of the SAEs that they are seen in they have a partner in, at the cut. */
  readonly features: { readonly every: number; readonly some: number; readonly none: number };
  readonly pairs: readonly PairCount[];
  /** SAE by SAE: features, and those with a partner in every SAE that they are seen in. */
  readonly saes: readonly { readonly sae: string; readonly features: number; readonly every: number }[];
}

/** What the cut makes of them. */
export type AtCut = Pick<Summary, 'classes' | 'features' | 'pairs' | 'saes'>;

export type OfRows = Pick<Summary, 'rowSet' | 'rows' | 'of' | 'density' | 'histogram'>;

export class Summariser {
  #rowSets = 0;
  readonly #densities: Densities;
  /** Blocks whose rows are not those of the features 0, 1, 2 … */
  readonly #sparse: ReadonlySet<Block>;

  constructor(
    private readonly table: FeatureTable,
    binning: Binning,
  ) {
    this.#densities = new Densities(table, binning);
    const index = this.#index();
    this.#sparse = new Set(
      table.blocks.filter(({ start, end }) => end > start && index[end - 1] !== end - 1 - start),
    );
  }

  /** What depends on the selected rows alone. */
  ofRows({ rows, blocks }: Match, group: string): OfRows {
    const all = this.table.blocks.filter((block) => block.group === group);
    const of = sum(all, ({ start, end }) => end - start);
    const selected = sum(blocks, ({ start, end }) => countIn(rows, start, end));
    const density = this.#densities.of(rows, group);
    return { rowSet: ++this.#rowSets, rows: selected, of, density, histogram: acrossRates(density) };
  }

  /** @param found rows at the cut or above @param mutual rows whose partner has them as its own */
  atCut({ rows, blocks }: Match, found: Uint32Array, mutual: Uint32Array): AtCut {
    const names = [...new Set(blocks.map(({ sae }) => sae))];
    const saes = names.map((sae) => {
      const own = blocks.filter((block) => block.sae === sae);
      return { sae, ...this.#ofSae(own, rows, found, mutual) };
    });
    const pairs = saes.flatMap((one) => one.pairs);
    const [all, hit] = [sum(pairs, (pair) => pair.rows), sum(pairs, (pair) => pair.atCut)];
    const mutually = sum(saes, (one) => one.mutual);
    return {
      pairs,
      classes: { none: all - hit, oneSided: hit - mutually, mutual: mutually },
      features: {
        every: sum(saes, ({ every }) => every),
        some: sum(saes, ({ some }) => some),
        none: sum(saes, ({ features, every, some }) => features - every - some),
      },
      saes: saes.map(({ sae, features, every }) => ({ sae, features, every })),
    };
  }

  /** @param own the blocks of one SAE */
  #ofSae(own: readonly Block[], rows: Uint32Array, found: Uint32Array, mutual: Uint32Array): OfSae {
    const counts = new FeatureCounts(Math.max(...own.map((block) => this.#size(block))));
    let mutually = 0;
    const pairs = own.map((block): PairCount => {
      const { sae, other, start, end } = block;
      const [selected, hits] = [slice(rows, start, end), slice(found, start, end)];
      const both = slice(mutual, start, end);
      let [all, atCut] = [0, 0];
      for (let w = 0; w < selected.length; w++) {
        hits[w] &= selected[w];
        all += ones(selected[w]);
        atCut += ones(hits[w]);
        mutually += ones(hits[w] & both[w]);
      }
      counts.add(this.#byFeature(selected, block), this.#byFeature(hits, block));
      return { sae, other, rows: all, atCut };
    });
    return { pairs, mutual: mutually, ...counts.counted() };
  }

  /** Rows of a block, from its first on, as the features that they are of. */
  #byFeature(rows: Uint32Array, block: Block): Uint32Array {
    if (!this.#sparse.has(block)) return rows;
    const index = this.#index().subarray(block.start, block.end);
    const features = noBits(this.#size(block));
    eachBit(rows, 0, index.length, (row) => {
      features[index[row] >>> 5] |= 1 << index[row];
    });
    return features;
  }

  #size({ start, end }: Block): number {
    return end > start ? this.#index()[end - 1] + 1 : 0;
  }

  #index(): Int32Array {
    return this.table.columns.get('feature') as Int32Array;
  }
}

interface OfSae {
  readonly pairs: readonly PairCount[];
  readonly mutual: number;
  readonly features: number;
  readonly every: number;
  readonly some: number;
}

/** In how many of the SAEs that they are seen in the features of one SAE have a partner: in all, in some, in none. */
class FeatureCounts {
  readonly #seen: Uint32Array;
  readonly #found: Uint32Array;
  readonly #lacking: Uint32Array;

  /** @param size above every index of a feature */
  constructor(size: number) {
    [this.#seen, this.#found, this.#lacking] = [noBits(size), noBits(size), noBits(size)];
  }

  /** @param seen features that are selected in one other SAE @param found those of them that have a partner there */
  add(seen: Uint32Array, found: Uint32Array): void {
    for (let w = 0; w < seen.length; w++) {
      this.#seen[w] |= seen[w];
      this.#found[w] |= found[w];
      this.#lacking[w] |= seen[w] & ~found[w];
    }
  }

  counted(): { readonly features: number; readonly every: number; readonly some: number } {
    let [features, every, some] = [0, 0, 0];
    for (let w = 0; w < this.#seen.length; w++) {
      features += ones(this.#seen[w]);
      every += ones(this.#found[w] & ~this.#lacking[w]);
      some += ones(this.#found[w] & this.#lacking[w]);
    }
    return { features, every, some };
  }
}

function acrossRates(density: Uint32Array): Uint32Array {
  const histogram = new Uint32Array(cosineBins);
  for (let cell = 0, y = 0; cell < density.length; cell++, y = y + 1 === cosineBins ? 0 : y + 1)
    histogram[y] += density[cell];
  return histogram;
}

function sum<T>(of: readonly T[], value: (one: T) => number): number {
  return of.reduce((all, one) => all + value(one), 0);
}
