// Everything that is asked of the features: load, select, sort, look at one, export. It runs in a worker, or beside the page.
import { type Binning, binRows } from './binning.js';
import { hasBit, noBits } from './bits.js';
import { type ByteSource, openBytes } from './byte-source.js';
import { columns } from './columns.js';
import { type ExportFormat, exportRows } from './export-rows.js';
import { type FamilySeen, familyAt } from './families.js';
import { type FeatureTable, rowIn } from './feature-table.js';
import { parseFilter } from './filter.js';
import { loadTable } from './load-table.js';
import { dependsOnCut, isNamed, type Match, Matcher } from './matching.js';
import { type Order, orderOf, sortKeys } from './order.js';
import { type FeatureSeen, featureSeen } from './partners.js';
import { type Cell, valueAt } from './rows.js';
import { Shown } from './shown.js';
import { type OfRows, Summariser, type Summary } from './summary.js';

export interface TableInfo {
  readonly rows: number;
  /** Columns that can be shown now. */
  readonly columns: readonly string[];
  /** Whether no others will come. */
  readonly whole: boolean;
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

export type Progress = { readonly share: number } | Pick<TableInfo, 'columns' | 'whole'>;

/** The calls that a page makes, whichever thread answers them. */
export interface Engine {
  load(source: ByteSource, onProgress: (progress: Progress) => void): Promise<TableInfo>;
  /** Selects rows; the calls below are about them. */
  select(selection: Selection): Promise<Summary>;
  /** Cells of shown rows [from, to), column by column as they are named. */
  rows(from: number, to: number, columns: readonly string[]): Promise<Cell[][]>;
  /** A feature and its partners. */
  feature(group: string, id: FeatureId): Promise<FeatureSeen | undefined>;
  /** Its family; undefined where it has none, or families are not known. */
  family(group: string, id: FeatureId): Promise<FamilySeen | undefined>;
  /** Where it stands among the shown rows, first; undefined where it is not shown. */
  find(id: FeatureId): Promise<number | undefined>;
  /** A shown feature, by chance. @param at in [0, 1) */
  random(at: number): Promise<FeatureId | undefined>;
  export(format: ExportFormat): Promise<Blob>;
}

/** Milliseconds between two tellings of new columns: each makes another table on the page. */
const tellEvery = 500;

interface Loaded {
  readonly table: FeatureTable;
  readonly binning: Binning;
  readonly matcher: Matcher;
  readonly summariser: Summariser;
}

/** A selection with its rows: they are only ever replaced together. */
interface Selected {
  readonly selection: Selection;
  readonly match: Match;
  readonly ofRows: OfRows;
}

export class LocalEngine implements Engine {
  #loaded: Loaded | undefined;
  #selected: Selected | undefined;
  #shown: Shown | undefined;
  /** A column has come in since: a filter or an order by it is another one now. */
  #stale = false;
  #order: { readonly of: string; readonly order: Order } | undefined;

  async load(source: ByteSource, onProgress: (progress: Progress) => void): Promise<TableInfo> {
    const { table, rest } = await loadTable(openBytes(source), (share) => onProgress({ share }));
    const binning = binRows(table);
    this.#loaded = {
      table,
      binning,
      matcher: new Matcher(table),
      summariser: new Summariser(table, binning),
    };
    // What was known is of another table.
    this.#selected = undefined;
    this.#shown = undefined;
    this.#order = undefined;
    this.#stale = false;
    const known = () =>
      columns.flatMap(({ id, kind, made }) => (made || kind === 'name' || table.columns.has(id) ? id : []));
    // Between two row groups other calls are answered.
    let told = performance.now();
    void rest(() => {
      this.#stale = true;
      if (performance.now() - told < tellEvery) return;
      told = performance.now();
      onProgress({ columns: known(), whole: false });
    })
      .catch(() => undefined)
      .then(() => onProgress({ columns: known(), whole: true }));
    const { across, low, high } = binning;
    return { rows: table.rows, columns: known(), whole: false, across, low, high };
  }

  async select(selection: Selection): Promise<Summary> {
    const { matcher, summariser } = this.#ready();
    const { group, filter, cut, sort } = selection;
    const { terms } = parseFilter(filter);
    const before = this.#selected;
    const was = before?.selection;
    const kept =
      !this.#stale &&
      was?.group === group &&
      was.filter === filter &&
      (was.cut === cut || !dependsOnCut(terms))
        ? before
        : undefined;
    const match = kept?.match ?? matcher.match(group, terms, cut);
    const ofRows = kept?.ofRows ?? summariser.ofRows(match, group);
    const sameOrder =
      was?.sort?.column === sort?.column &&
      was?.sort?.descending === sort?.descending &&
      (sort?.column !== 'class' || was?.cut === cut);
    if (!kept || !sameOrder) this.#shown = undefined;
    this.#selected = { selection, match, ofRows };
    this.#stale = false;
    return { ...ofRows, ...summariser.atCut(match, matcher.atCut(cut), matcher.mutual()) };
  }

  async rows(from: number, to: number, ids: readonly string[]): Promise<Cell[][]> {
    const { table } = this.#ready();
    const cut = this.#cut();
    const rows = this.#inOrder().rows(from, to);
    return ids.map((id) => Array.from(rows, (row) => valueAt(table, id, row, cut)));
  }

  async feature(group: string, { sae, feature }: FeatureId): Promise<FeatureSeen | undefined> {
    const { table } = this.#ready();
    const named = table.blocks.find((block) => block.group === group && isNamed(block.sae, sae));
    return named && featureSeen(table, group, named.sae, feature);
  }

  async family(group: string, { sae, feature }: FeatureId): Promise<FamilySeen | undefined> {
    const { table } = this.#ready();
    const block = table.blocks.find((one) => one.group === group && isNamed(one.sae, sae));
    const row = block && rowIn(table, block, feature);
    return row === undefined ? undefined : familyAt(table, group, row);
  }

  async find({ sae, feature }: FeatureId): Promise<number | undefined> {
    const { table } = this.#ready();
    const { rows: selected, blocks } = this.#selected?.match ?? { rows: noBits(0), blocks: [] };
    const rows = new Set(
      blocks
        .filter((block) => isNamed(block.sae, sae))
        .map((block) => rowIn(table, block, feature))
        .filter((row) => row !== undefined && hasBit(selected, row)),
    );
    return rows.size === 0 ? undefined : this.#inOrder().find(rows as ReadonlySet<number>);
  }

  async random(at: number): Promise<FeatureId | undefined> {
    const { table } = this.#ready();
    const shown = this.#inOrder();
    if (shown.count === 0) return undefined;
    const place = Math.floor(at * shown.count);
    const [row] = shown.rows(place, place + 1);
    return { sae: valueAt(table, 'sae', row) as string, feature: valueAt(table, 'feature', row) as number };
  }

  async export(format: ExportFormat): Promise<Blob> {
    const shown = this.#inOrder();
    return exportRows(this.#ready().table, shown.rows(0, shown.count), this.#cut(), format);
  }

  #inOrder(): Shown {
    if (this.#shown) return this.#shown;
    const { table } = this.#ready();
    const { selection, match, ofRows } = this.#selected ?? {};
    const order = selection?.sort && this.#orderBy(selection.sort, table, selection.cut);
    this.#shown = new Shown(
      match?.rows ?? noBits(table.rows),
      ofRows?.rows ?? 0,
      table.rows,
      order,
      selection?.sort?.descending,
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

  #cut(): number {
    return this.#selected?.selection.cut ?? 0;
  }

  #ready(): Loaded {
    if (!this.#loaded) throw new Error('no features are loaded');
    return this.#loaded;
  }
}
