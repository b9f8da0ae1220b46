// What is shown of the selected rows: how many, their density and histogram, and what the cut makes of them.
import { type Binning, cosineBins, rateBins } from './binning.js';
import type { Block, FeatureTable } from './feature-table.js';
import type { Match } from './matching.js';

/** Rows of one SAE seen in one other, of those that are selected. */
export interface PairCount {
  readonly sae: string;
  readonly other: string;
  readonly rows: number;
  /** With |cosine| at the cut or above. */
  readonly atCut: number;
  readonly meanCosine: number;
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

type AtCut = Pick<Summary, 'classes' | 'features' | 'saes'>;

export class Summariser {
  readonly #seen: Uint8Array;
  readonly #found: Uint8Array;
  #rowSets = 0;
  readonly #offsets = new Map<string, { readonly at: number; readonly size: number }>();

  constructor(
    private readonly table: FeatureTable,
    private readonly binning: Binning,
  ) {
    const index = table.columns.get('feature') as Int32Array;
    const sizes = new Map<string, number>();
    for (const { group, sae, end } of table.blocks) {
      const key = keyOf(group, sae);
      sizes.set(key, Math.max(sizes.get(key) ?? 0, index[end - 1] + 1));
    }
    let at = 0;
    for (const [key, size] of sizes) {
      this.#offsets.set(key, { at, size });
      at += size;
    }
    this.#seen = new Uint8Array(at);
    this.#found = new Uint8Array(at);
  }

  of(match: Match, group: string, cut: number): Summary {
    const density = new Uint32Array(rateBins * cosineBins);
    const { pairs, ...atCut } = this.#counted(match, group, cut, density);
    const all = this.table.blocks.filter((block) => block.group === group);
    return {
      rowSet: ++this.#rowSets,
      rows: pairs.reduce((sum, { rows }) => sum + rows, 0),
      of: all.reduce((sum, { start, end }) => sum + end - start, 0),
      density,
      histogram: acrossRates(density),
      ...atCut,
      pairs,
    };
  }

  /** What depends on the cut alone. */
  atCut(match: Match, group: string, cut: number): AtCut & { readonly pairs: readonly number[] } {
    const { pairs, ...atCut } = this.#counted(match, group, cut);
    return { ...atCut, pairs: pairs.map((pair) => pair.atCut) };
  }

  /** One pass over the rows of the blocks. @param density counted too where it is given */
  #counted(
    { mask, blocks }: Match,
    group: string,
    cut: number,
    density?: Uint32Array,
  ): AtCut & { readonly pairs: readonly PairCount[] } {
    this.#seen.fill(0);
    this.#found.fill(0);
    let mutually = 0;
    const pairs = blocks.map((block) => {
      const { mutual, ...pair } = this.#pair(block, mask, cut, density);
      mutually += mutual;
      return pair;
    });
    const rows = pairs.reduce((sum, pair) => sum + pair.rows, 0);
    const found = pairs.reduce((sum, pair) => sum + pair.atCut, 0);
    const saes = [...new Set(blocks.map(({ sae }) => sae))].map((sae) => this.#features(group, sae));
    const total = (of: (sae: (typeof saes)[number]) => number) => saes.reduce((sum, one) => sum + of(one), 0);
    return {
      pairs,
      classes: { none: rows - found, oneSided: found - mutually, mutual: mutually },
      features: {
        every: total(({ every }) => every),
        some: total(({ some }) => some),
        none: total(({ features, every, some }) => features - every - some),
      },
      saes,
    };
  }

  /** The selected rows of a block, those at the cut and those of them that are mutual, and each feature's. */
  #pair(
    { group, sae, other, start, end }: Block,
    mask: Uint8Array,
    cut: number,
    density: Uint32Array | undefined,
  ): PairCount & { readonly mutual: number } {
    const { cells } = this.binning;
    const cosine = this.table.columns.get('cosine') as Float64Array;
    const mutual = this.table.columns.get('mutual') as Uint8Array;
    const feature = this.table.columns.get('feature') as Int32Array;
    const { at } = this.#offsets.get(keyOf(group, sae))!;
    const [seenIn, foundIn] = [this.#seen, this.#found];
    let [rows, sum, found, mutually] = [0, 0, 0, 0];
    for (let i = start; i < end; i++) {
      const one = mask[i];
      const size = Math.abs(cosine[i]);
      const hit = one & Number(size >= cut);
      const f = at + feature[i];
      if (density) density[cells[i]] += one;
      seenIn[f] += one;
      foundIn[f] += hit;
      rows += one;
      sum += one * size;
      found += hit;
      mutually += hit & mutual[i];
    }
    return { sae, other, rows, atCut: found, meanCosine: rows > 0 ? sum / rows : 0, mutual: mutually };
  }

  #features(group: string, sae: string): { sae: string; features: number; every: number; some: number } {
    const { at, size } = this.#offsets.get(keyOf(group, sae))!;
    let [features, every, some] = [0, 0, 0];
    for (let f = at; f < at + size; f++) {
      if (this.#seen[f] === 0) continue;
      features++;
      if (this.#found[f] === this.#seen[f]) every++;
      else if (this.#found[f] > 0) some++;
    }
    return { sae, features, every, some };
  }
}

function keyOf(group: string, sae: string): string {
  return `${group}\n${sae}`;
}

function acrossRates(density: Uint32Array): Uint32Array {
  const histogram = new Uint32Array(cosineBins);
  for (let cell = 0; cell < density.length; cell++) histogram[cell % cosineBins] += density[cell];
  return histogram;
}
