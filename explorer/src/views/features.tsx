// Every feature in every other SAE, as a table: sorted, filtered by what is typed, exported as it is shown.
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Column, columns } from '../data/columns.js';
import type { Sort } from '../data/engine.js';
import { exportFormats } from '../data/export-rows.js';
import { RowFrame } from '../data/row-frame.js';
import type { Cell } from '../data/rows.js';
import { cellText } from '../parts/cell-text.js';
import { onWidthKey, useColumnWidths, useFocusKept } from '../parts/column-widths.js';
import { type CellProps, FeatureTable } from '../parts/feature-table.js';
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
  const box = useRef<HTMLDivElement>(null);
  const frame = useShownRows(session, visible, box);
  const measured = useColumnWidths();
  useFocusKept(box, measured);
  // Which rows are shown, and in which order.
  const by = shown?.selection.sort;
  const rowsKey = [shown?.summary.rowSet, by?.column, by?.descending].join();
  const position = useOpenRow(session, rowsKey);
  useTypingKept(box);
  const opening = useOpening(session, frame);
  const onSort = useCallback((sort: Sort | undefined) => session.address.go({ sort }), [session]);
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
      <FeatureTable
        key={measured}
        frame={frame}
        visible={visible}
        sort={sort}
        onSort={onSort}
        resizable
        {...position}
        {...opening}
        renderCellContent={renderCellContent}
      />
    </div>
  );
}

/** The rows that are selected now. The box around the table says what they are of, once they are there. */
function useShownRows(
  session: Session,
  visible: readonly Column[],
  box: RefObject<HTMLDivElement | null>,
): RowFrame {
  const { shown } = useKnown();
  const frame = useMemo(
    () =>
      new RowFrame(
        session.engine,
        visible.map(({ id }) => id),
      ),
    [session, visible],
  );
  useEffect(() => {
    if (!shown) return;
    void frame.show(shown.summary.rows).then((isShown) => {
      if (isShown && box.current) box.current.dataset.shown = shownText(shown);
    });
  }, [frame, shown, box]);
  return frame;
}

function shownText({ selection }: Shown): string {
  return `${selection.filter} @ ${selection.cut}`;
}

/** A click on a row opens its feature, as Enter does. */
function useOpening(session: Session, frame: RowFrame) {
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
  return { onKeyDownCell, onMouseDownCell };
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
