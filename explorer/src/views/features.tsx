// Every feature in every other SAE, as a table: sorted, filtered by what is typed, exported as it is shown.
import HighTable from 'hightable';
import {
  type ComponentProps,
  type KeyboardEvent,
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Column, columns } from '../data/columns.js';
import type { Sort } from '../data/engine.js';
import { exportFormats } from '../data/export-rows.js';
import { RowFrame } from '../data/row-frame.js';
import type { Cell } from '../data/rows.js';
import { cellText } from '../parts/cell-text.js';
import {
  columnClass,
  onWidthKey,
  useColumnWidths,
  useFocusKept,
  WidthHandle,
} from '../parts/column-widths.js';
import { count, percent } from '../parts/format.js';
import { Panel } from '../parts/panel.js';
import { saveBlob } from '../parts/save-blob.js';
import { useTypingKept } from '../parts/typing-kept.js';
import { useAddress } from '../state/history.js';
import { shortName } from '../state/names.js';
import { type Session, type Shown, useKnown, useSession } from '../state/session.js';
import { FilterBar } from './filter-bar.js';

export function Features() {
  const session = useSession();
  const { shown, table, loading, tableProblem } = useKnown();
  const [all, setAll] = useState(false);
  return (
    <Panel
      id="features"
      title="Features"
      note={
        shown ? (
          <span role="status" data-whole={table?.whole}>
            shown {count(shown.summary.rows)} of {count(shown.summary.of)}
            {table?.whole === false && ' · more columns are being read'}
          </span>
        ) : undefined
      }
      actions={
        <>
          <label className="choice">
            <input type="checkbox" checked={all} onChange={({ target }) => setAll(target.checked)} /> all
            columns
          </label>
          {shown && <Exports session={session} />}
        </>
      }
    >
      <FilterBar />
      {tableProblem !== undefined && (
        <p role="alert" className="problem">
          {tableProblem}
        </p>
      )}
      {loading !== undefined && tableProblem === undefined && (
        <p className="waiting" role="status">
          Reading the features <progress value={loading} max={1} aria-label="Read" /> {percent(loading)}
        </p>
      )}
      {table && shown && <Grid known={table.columns} all={all} />}
    </Panel>
  );
}

interface GridProps {
  readonly known: readonly string[];
  readonly all: boolean;
}

function Grid({ known, all }: GridProps) {
  const session = useSession();
  const { shown } = useKnown();
  const { feature, sort } = useAddress(session.address);
  const group = session.group();
  // A column that came in and is not shown changes nothing.
  const ids = columns.flatMap(({ id, hidden }) => (known.includes(id) && (all || !hidden) ? id : [])).join();
  const visible = useMemo(() => {
    const wanted = new Set(ids.split(','));
    return columns.filter(({ id }) => wanted.has(id));
  }, [ids]);
  const frame = useMemo(
    () =>
      new RowFrame(
        session.engine,
        visible.map(({ id }) => id),
      ),
    [session, visible],
  );
  const box = useRef<HTMLDivElement>(null);
  const measured = useColumnWidths();
  useFocusKept(box, measured);
  useEffect(() => {
    if (!shown) return;
    void frame.show(shown.summary.rows).then((isShown) => {
      // Says what the rows are of, for who waits for them.
      if (isShown && box.current) box.current.dataset.shown = shownText(shown);
    });
  }, [frame, shown]);
  // Which rows are shown, and in which order.
  const by = shown?.selection.sort;
  const rowsKey = [shown?.summary.rowSet, by?.column, by?.descending].join();
  const position = useOpenRow(session, rowsKey);
  useTypingKept(box);
  const columnConfiguration = useMemo(
    () => Object.fromEntries(visible.map((column) => [column.id, configured(column, sort)])),
    [visible, sort],
  );
  const orderBy = useMemo(
    () => (sort ? [{ column: sort.column, direction: directionOf(sort) }] : []),
    [sort],
  );
  const open = useCallback(
    (row: number) => {
      const at = (column: string) => frame.getCell({ row, column })?.value;
      const [sae, index] = [at('sae'), at('feature')];
      if (sae !== undefined) session.address.go({ feature: { sae: String(sae), feature: Number(index) } });
    },
    [session, frame],
  );
  const onKeyDownCell = useCallback(
    (event: KeyboardEvent, _: number, row: number) => {
      if (event.key === 'Enter') open(row);
    },
    [open],
  );
  const onMouseDownCell = useCallback((_: unknown, __: number, row: number) => open(row), [open]);
  const onOrderByChange = useCallback(
    ([first]: OrderBy) =>
      session.address.go({
        sort: first && { column: first.column, descending: first.direction === 'descending' },
      }),
    [session],
  );
  const renderCellContent = useCallback(
    ({ cell, col, row }: CellProps) => {
      const at = (column: string) => row !== undefined && frame.getCell({ row, column })?.value;
      const isOpen = feature && at('feature') === feature.feature && at('sae') === feature.sae;
      return (
        <span className={isOpen ? 'open' : undefined}>
          {cell ? cellText(visible[col], cell.value as Cell, (id) => shortName(id, group)) : '…'}
        </span>
      );
    },
    [feature, frame, visible, group],
  );
  return (
    <div className="grid-box" ref={box} onKeyDownCapture={(event) => onWidthKey(session, event)}>
      <Table
        key={measured}
        data={frame as unknown as HighTableProps['data']}
        className="grid"
        styled={false}
        focus={false}
        stringify={String}
        padding={8}
        overscan={16}
        {...position}
        columnConfiguration={columnConfiguration}
        orderBy={orderBy}
        onOrderByChange={onOrderByChange}
        onMouseDownCell={onMouseDownCell}
        onKeyDownCell={onKeyDownCell}
        renderCellContent={renderCellContent}
      />
    </div>
  );
}

/** Drawn again only when it is told something else: hundreds of cells cost more than all that is drawn beside them. */
const Table = memo(HighTable);
type HighTableProps = ComponentProps<typeof HighTable>;
type CellProps = Parameters<NonNullable<HighTableProps['renderCellContent']>>[0];
type OrderBy = NonNullable<HighTableProps['orderBy']>;

function shownText({ selection }: Shown): string {
  return `${selection.filter} @ ${selection.cut}`;
}

function directionOf({ descending }: Sort): 'ascending' | 'descending' {
  return descending ? 'descending' : 'ascending';
}

/** Where the table stands: the row of the feature that was opened elsewhere is brought into view. */
function useOpenRow(session: Session, rowsKey: string) {
  const { feature } = useAddress(session.address);
  const [cellPosition, onCellPositionChange] = useState({ colIndex: 1, rowIndex: 1 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: among other rows it stands elsewhere
  useEffect(() => {
    if (!feature) return;
    let current = true;
    void session.engine.find(feature).then((row) => {
      if (!current || row === undefined) return;
      // hightable brings the row into view on the whole page; the reader stays where they are.
      const { scrollY } = window;
      // Counted from 1, below the head.
      onCellPositionChange(({ colIndex }) => ({ colIndex, rowIndex: row + 2 }));
      requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo({ top: scrollY })));
    });
    return () => {
      current = false;
    };
  }, [session, feature, rowsKey]);
  return { cellPosition, onCellPositionChange };
}

function configured({ title, formula, kind, id }: Column, sort: Sort | undefined) {
  return {
    // The controls of hightable take more room than the numbers: a click on a head sorts, an arrow says how.
    headerComponent: () => (
      <span className="column-head" title={`${id} = ${formula}`} data-column={id}>
        <span className="column-title">{title}</span> <span className="unseen">{formula}</span>
        {sort?.column === id && <span aria-hidden="true">{sort.descending ? '↓' : '↑'}</span>}
        <WidthHandle id={id} />
      </span>
    ),
    className: `${kind === 'number' || kind === 'index' ? 'number' : kind} ${columnClass(id)}`,
  };
}

function Exports({ session }: { readonly session: Session }) {
  const [busy, setBusy] = useState(false);
  const save = async (format: (typeof exportFormats)[number]) => {
    setBusy(true);
    saveBlob(await session.engine.export(format), `features.${format}`);
    setBusy(false);
  };
  return (
    <fieldset className="exports">
      <legend className="unseen">Export what is shown</legend>
      {exportFormats.map((format) => (
        <button
          key={format}
          type="button"
          className="quiet"
          disabled={busy}
          title={`Export what is shown as ${format}`}
          onClick={() => save(format)}
        >
          {format === 'parquet' ? 'Parquet' : format.toUpperCase()}
        </button>
      ))}
    </fieldset>
  );
}
