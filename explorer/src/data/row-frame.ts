// The shown rows as the table reads them: cells of what is on the screen, asked for in pages and kept for a while.
import type { Engine } from './engine.js';
import type { Cell } from './rows.js';

const pageRows = 128;
const mostPages = 64;

/** What hightable calls a data frame. */
export class RowFrame {
  readonly eventTarget = new EventTarget();
  readonly #pages = new Map<number, Map<string, readonly Cell[]>>();
  readonly columnDescriptors: readonly { readonly name: string; readonly sortable: true }[];

  constructor(
    private readonly engine: Pick<Engine, 'rows'>,
    readonly numRows: number,
    private readonly columns: readonly string[],
  ) {
    this.columnDescriptors = columns.map((name) => ({ name, sortable: true }));
  }

  readonly getRowNumber = ({ row }: { readonly row: number }): { readonly value: number } => ({ value: row });

  /** Undefined while it is not known. */
  readonly getCell = ({ row, column }: { readonly row: number; readonly column: string }) => {
    const cells = this.#pages.get(Math.floor(row / pageRows))?.get(column);
    return cells && { value: cells[row % pageRows] };
  };

  readonly fetch = async ({
    rowStart,
    rowEnd,
    signal,
  }: {
    rowStart: number;
    rowEnd: number;
    signal?: AbortSignal;
  }) => {
    const [from, to] = [Math.floor(rowStart / pageRows), Math.ceil(rowEnd / pageRows)];
    for (let page = from; page < to; page++) {
      if (this.#pages.has(page)) continue;
      if (signal?.aborted) throw new DOMException('no longer on the screen', 'AbortError');
      await this.#read(page);
    }
  };

  /** Reads again what is kept: values have changed, rows have not. */
  async refresh(): Promise<void> {
    const kept = [...this.#pages.keys()].slice(-4);
    for (const page of this.#pages.keys()) if (!kept.includes(page)) this.#pages.delete(page);
    for (const page of kept) await this.#read(page);
  }

  async #read(page: number): Promise<void> {
    const start = page * pageRows;
    const cells = await this.engine.rows(start, Math.min(this.numRows, start + pageRows), this.columns);
    this.#pages.set(page, new Map(this.columns.map((column, c) => [column, cells[c]])));
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= mostPages) break;
      this.#pages.delete(oldest);
    }
    this.eventTarget.dispatchEvent(new CustomEvent('resolve'));
  }
}
