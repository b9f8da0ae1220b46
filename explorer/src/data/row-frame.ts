// The shown rows as the table reads them: cells of what is on the screen, asked for in pages and kept for a while.
import type { Engine } from './engine.js';
import type { Cell } from './rows.js';

const pageRows = 64;
const mostPages = 64;

type Page = ReadonlyMap<string, readonly Cell[]>;

/** What hightable calls a data frame. It stays the same while rows change, since another one is drawn from nothing. */
export class RowFrame {
  readonly eventTarget = new EventTarget();
  readonly columnDescriptors: readonly { readonly name: string; readonly sortable: true }[];
  numRows = 0;
  #pages = new Map<number, Page>();
  /** Rows that were asked for last: those on the screen, and some around them. */
  #asked = { from: 0, to: 1 };
  /** Counts what was shown: answers about rows that are shown no more come to nothing. */
  #shows = 0;

  constructor(
    private readonly engine: Pick<Engine, 'rows'>,
    private readonly columns: readonly string[],
  ) {
    this.columnDescriptors = columns.map((name) => ({ name, sortable: true }));
  }

  readonly getRowNumber = ({ row }: { readonly row: number }): { readonly value: number } => ({ value: row });

  /** Undefined while it is not known. */
  readonly getCell = ({ row, column }: { readonly row: number; readonly column: string }) => {
    const cells = this.#pages.get(Math.floor(row / pageRows))?.get(column);
    const at = row % pageRows;
    return cells && at < cells.length ? { value: cells[at] } : undefined;
  };

  readonly fetch = async (rows: {
    rowStart: number;
    rowEnd: number;
    signal?: AbortSignal;
  }): Promise<void> => {
    this.#asked = pagesOf(rows.rowStart, rows.rowEnd);
    const show = this.#shows;
    for (let page = this.#asked.from; page < this.#asked.to; page++) {
      if (this.#pages.has(page)) continue;
      if (rows.signal?.aborted) throw new DOMException('no longer on the screen', 'AbortError');
      const cells = await this.#read(page, this.numRows);
      if (show !== this.#shows) return;
      this.#pages.set(page, cells);
      for (const oldest of this.#pages.keys()) {
        if (this.#pages.size <= mostPages) break;
        this.#pages.delete(oldest);
      }
      this.#tell('resolve');
    }
  };

  /**
   * Shows what the engine has selected now; what was shown stays on the screen until the new rows are there.
   * @returns whether they are, and no others were asked for meanwhile
   */
  async show(numRows: number): Promise<boolean> {
    const show = ++this.#shows;
    const pages = new Map<number, Page>();
    const { from, to } = this.#asked;
    const last = pagesOf(0, numRows).to;
    for (let page = Math.min(from, Math.max(0, last - 1)); page < Math.min(to, last); page++) {
      pages.set(page, await this.#read(page, numRows));
      if (show !== this.#shows) return false;
    }
    this.#pages = pages;
    const before = this.numRows;
    this.numRows = numRows;
    this.#tell(numRows === before ? 'resolve' : 'numrowschange', 'resolve');
    return true;
  }

  async #read(page: number, numRows: number): Promise<Page> {
    const start = page * pageRows;
    const cells = await this.engine.rows(start, Math.min(numRows, start + pageRows), this.columns);
    return new Map(this.columns.map((column, c) => [column, cells[c]]));
  }

  #tell(...events: readonly string[]): void {
    for (const event of new Set(events)) this.eventTarget.dispatchEvent(new CustomEvent(event));
  }
}

function pagesOf(rowStart: number, rowEnd: number): { readonly from: number; readonly to: number } {
  return { from: Math.floor(rowStart / pageRows), to: Math.ceil(rowEnd / pageRows) };
}
