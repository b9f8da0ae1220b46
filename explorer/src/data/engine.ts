// Everything that is asked of the features: load, select, sort, look at one, export. It runs in a worker, or beside the page.
import { type Binning, binRows } from './binning.js';
import { type ByteSource, openBytes } from './byte-source.js';
import { columns } from './columns.js';
import { type ExportFormat, exportRows } from './export-rows.js';
import { type FeatureTable, rowIn } from './feature-table.js';
import { parseFilter } from './filter.js';
import { loadTable } from './load-table.js';
import { dependsOnCut, isNamed, type Match, matchRows } from './matching.js';
import { type Order, orderOf, shownRows, sortKeys } from './order.js';
import { type FeatureSeen, featureSeen } from './partners.js';
import { type Cell, valueAt } from './rows.js';
import { Summariser, type Summary } from './summary.js';

export interface TableInfo {
  readonly rows: number;
  /** Columns that can be shown now; others may come. */
  readonly columns: readonly string[];
  readonly across: Binning['across'];
  readonly low: number;
  readonly high: number;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** What is to be shown. */
export interface Selection {
  readonly group: string;
  readonly filter: string;
  readonly cut: number;
  readonly sort?: Sort | undefined;
}

/** Features of one SAE by index. */
export interface FeatureId {
  readonly sae: string;
  readonly feature: number;
}

export type Progress = { readonly share: number } | { readonly columns: readonly string[] };

/** The calls that a page makes, whichever thread answers them. */
export interface Engine {
  load(source: ByteSource, onProgress: (progress: Progress) => void): Promise<TableInfo>;
  /** Selects rows; the calls below are about them. */
  select(selection: Selection): Promise<Summary>;
  /** Cells of shown rows [from, to), column by column as they are named. */
  rows(from: number, to: number, columns: readonly string[]): Promise<Cell[][]>;
  /** A feature and its partners. */
  feature(group: string, id: FeatureId): Promise<FeatureSeen | undefined>;
  /** Where it stands among the shown rows, first; undefined where it is not shown. */
  find(id: FeatureId): Promise<number | undefined>;
  /** A shown feature, by chance. @param at in [0, 1) */
  random(at: number): Promise<FeatureId | undefined>;
  export(format: ExportFormat): Promise<Blob>;
}

interface Loaded {
  readonly table: FeatureTable;
  readonly binning: Binning;
  readonly summariser: Summariser;
}

export class LocalEngine implements Engine {
  #loaded: Loaded | undefined;
  #selection: Selection | undefined;
  #match: Match | undefined;
  #summary: Summary | undefined;
  #shown: Uint32Array | undefined;
  /** A column has come in since: a filter or an order by it is another one now. */
  #stale = false;
  #order: { readonly of: string; readonly order: Order } | undefined;

  async load(source: ByteSource, onProgress: (progress: Progress) => void): Promise<TableInfo> {
    const { table, rest } = await loadTable(openBytes(source), (share) => onProgress({ share }));
    const binning = binRows(table);
    this.#loaded = { table, binning, summariser: new Summariser(table, binning) };
    // What was known is of another table.
    this.#match = undefined;
    this.#shown = undefined;
    this.#order = undefined;
    this.#selection = undefined;
    const known = () =>
      columns.flatMap(({ id, kind, made }) => (made || kind === 'name' || table.columns.has(id) ? id : []));
    // Between two row groups other calls are answered.
    void rest(() => {
      this.#stale = true;
      onProgress({ columns: known() });
    }).catch(() => undefined);
    const { across, low, high } = binning;
    return { rows: table.rows, columns: known(), across, low, high };
  }

  async select(selection: Selection): Promise<Summary> {
    const { table, summariser } = this.#ready();
    const { group, filter, cut, sort } = selection;
    const before = this.#selection;
    const { terms } = parseFilter(filter);
    const sameRows =
      this.#match !== undefined &&
      !this.#stale &&
      before?.group === group &&
      before.filter === filter &&
      (before.cut === cut || !dependsOnCut(terms));
    if (!sameRows) {
      this.#match = matchRows(table, group, terms, cut, this.#match?.mask);
      this.#summary = summariser.of(this.#match, group, cut);
      this.#stale = false;
    } else if (before.cut !== cut) {
      const { pairs, ...atCut } = summariser.atCut(this.#match as Match, group, cut);
      const whole = this.#summary as Summary;
      this.#summary = {
        ...whole,
        ...atCut,
        pairs: whole.pairs.map((pair, i) => ({ ...pair, atCut: pairs[i] })),
      };
    }
    const sameOrder =
      before?.sort?.column === sort?.column &&
      before?.sort?.descending === sort?.descending &&
      (sort?.column !== 'class' || before?.cut === cut);
    if (!sameRows || !sameOrder) this.#shown = undefined;
    this.#selection = selection;
    return this.#summary as Summary;
  }

  async rows(from: number, to: number, ids: readonly string[]): Promise<Cell[][]> {
    const { table } = this.#ready();
    const cut = this.#selection?.cut ?? 0;
    const shown = this.#rowsInOrder().subarray(from, to);
    return ids.map((id) => Array.from(shown, (row) => valueAt(table, id, row, cut)));
  }

  async feature(group: string, { sae, feature }: FeatureId): Promise<FeatureSeen | undefined> {
    const { table } = this.#ready();
    const named = table.blocks.find((block) => block.group === group && isNamed(block.sae, sae));
    return named && featureSeen(table, group, named.sae, feature);
  }

  async find({ sae, feature }: FeatureId): Promise<number | undefined> {
    const { table } = this.#ready();
    const { mask, blocks } = this.#match ?? { mask: new Uint8Array(), blocks: [] };
    const rows = new Set(
      blocks
        .filter((block) => isNamed(block.sae, sae))
        .map((block) => rowIn(table, block, feature))
        .filter((row) => row !== undefined && mask[row] === 1),
    );
    if (rows.size === 0) return undefined;
    const at = this.#rowsInOrder().findIndex((row) => rows.has(row));
    return at < 0 ? undefined : at;
  }

  async random(at: number): Promise<FeatureId | undefined> {
    const { table } = this.#ready();
    const shown = this.#rowsInOrder();
    if (shown.length === 0) return undefined;
    const row = shown[Math.floor(at * shown.length)];
    return { sae: valueAt(table, 'sae', row) as string, feature: valueAt(table, 'feature', row) as number };
  }

  async export(format: ExportFormat): Promise<Blob> {
    return exportRows(this.#ready().table, this.#rowsInOrder(), this.#selection?.cut ?? 0, format);
  }

  #rowsInOrder(): Uint32Array {
    if (this.#shown) return this.#shown;
    const { table } = this.#ready();
    const { sort, cut = 0 } = this.#selection ?? {};
    const { mask } = this.#match ?? { mask: new Uint8Array() };
    this.#shown = shownRows(
      mask,
      this.#summary?.rows ?? 0,
      sort && this.#orderBy(sort, table, cut),
      sort?.descending,
    );
    return this.#shown;
  }

  #orderBy({ column }: Sort, table: FeatureTable, cut: number): Order | undefined {
    const of = column === 'class' ? `class ${cut}` : column;
    if (this.#order?.of !== of) {
      const keys = sortKeys(table, column, cut);
      // A column that is not read yet leaves the order of the file.
      if (!keys) return undefined;
      this.#order = { of, order: orderOf(keys) };
    }
    return this.#order.order;
  }

  #ready(): Loaded {
    if (!this.#loaded) throw new Error('no features are loaded');
    return this.#loaded;
  }
}
