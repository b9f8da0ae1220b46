// The partner of every feature of two compared decoders, as a table: one side at a time, sorted, exported.
import HighTable from 'hightable';
import { type ComponentProps, memo, useCallback, useEffect, useMemo, useState } from 'react';
import { type Column, columns } from '../data/columns.js';
import type { ComparisonDone } from '../data/comparison.js';
import { ComparedRows, comparedColumns, comparisonTable } from '../data/comparison-table.js';
import { exportRows } from '../data/export-rows.js';
import { RowFrame } from '../data/row-frame.js';
import type { Cell } from '../data/rows.js';
import { cellText } from '../parts/cell-text.js';
import { count } from '../parts/format.js';
import { saveBlob } from '../parts/save-blob.js';

interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

const visible = comparedColumns.map((id) => columns.find((one) => one.id === id) as Column);

export function ComparedFeatures({ done }: { readonly done: ComparisonDone }) {
  const [side, setSide] = useState<0 | 1>(0);
  const [sort, setSort] = useState<Sort>();
  const table = useMemo(() => comparisonTable(done), [done]);
  const rows = useMemo(() => new ComparedRows(table, side, sort), [table, side, sort]);
  const frame = useMemo(() => new RowFrame(rows, comparedColumns), [rows]);
  useEffect(() => void frame.show(rows.order.length), [frame, rows]);
  const columnConfiguration = useMemo(
    () => Object.fromEntries(visible.map((column) => [column.id, headOf(column, sort)])),
    [sort],
  );
  const orderBy = useMemo(
    (): OrderBy =>
      sort ? [{ column: sort.column, direction: sort.descending ? 'descending' : 'ascending' }] : [],
    [sort],
  );
  const onOrderByChange = useCallback(
    ([first]: OrderBy) =>
      setSort(first && { column: first.column, descending: first.direction === 'descending' }),
    [],
  );
  const renderCellContent = useCallback(
    ({ cell, col }: CellProps) => (
      <span>{cell ? cellText(visible[col], cell.value as Cell, String) : '…'}</span>
    ),
    [],
  );
  const sides = [done.a, done.b];
  const all = () => Uint32Array.from({ length: table.rows }, (_, row) => row);
  return (
    <section className="panel panel-compared" aria-labelledby="compared-features">
      <header className="panel-head">
        <div>
          <h2 id="compared-features">Partners</h2>
          <p className="note">
            Every feature with its nearest in the other SAE, and its one-to-one partner.{' '}
            {count(rows.order.length)} features.
          </p>
        </div>
        <div className="actions">
          <fieldset className="switch">
            <legend className="unseen">Features of</legend>
            {sides.map(({ id }, i) => (
              <button
                key={id}
                type="button"
                aria-pressed={side === i}
                title={`Features of ${id}, seen in ${sides[1 - i].id}`}
                onClick={() => setSide(i as 0 | 1)}
              >
                {id}
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            className="quiet"
            title="Export both ways as csv"
            onClick={() => saveBlob(exportRows(table, all(), 0.7, 'csv'), 'partners.csv')}
          >
            CSV
          </button>
        </div>
      </header>
      <div className="grid-box">
        <Table
          key={`${side} ${sort?.column} ${sort?.descending}`}
          data={frame as unknown as HighTableProps['data']}
          className="grid"
          styled={false}
          focus={false}
          stringify={String}
          padding={8}
          overscan={16}
          columnConfiguration={columnConfiguration}
          orderBy={orderBy}
          onOrderByChange={onOrderByChange}
          renderCellContent={renderCellContent}
        />
      </div>
    </section>
  );
}

const Table = memo(HighTable);
type HighTableProps = ComponentProps<typeof HighTable>;
type CellProps = Parameters<NonNullable<HighTableProps['renderCellContent']>>[0];
type OrderBy = NonNullable<HighTableProps['orderBy']>;

function headOf({ title, formula, kind, id }: Column, sort: Sort | undefined) {
  return {
    headerComponent: () => (
      <span className="column-head" title={`${id} = ${formula}`} data-column={id}>
        <span className="column-title">{title}</span> <span className="unseen">{formula}</span>
        {sort?.column === id && <span aria-hidden="true">{sort.descending ? '↓' : '↑'}</span>}
      </span>
    ),
    className: kind === 'number' || kind === 'index' ? 'number' : kind,
  };
}
