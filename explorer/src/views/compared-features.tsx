// The partner of every feature of two compared decoders, as a table: one side at a time, sorted, exported.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Column, columns } from '../data/columns.js';
import type { ComparisonDone } from '../data/comparison.js';
import { ComparedRows, comparedColumns, comparisonTable } from '../data/comparison-table.js';
import type { Sort } from '../data/engine.js';
import { exportRows } from '../data/export-rows.js';
import { RowFrame } from '../data/row-frame.js';
import type { Cell } from '../data/rows.js';
import { cellText } from '../parts/cell-text.js';
import { type CellProps, FeatureTable } from '../parts/feature-table.js';
import { count } from '../parts/format.js';
import { saveBlob } from '../parts/save-blob.js';
import { Switch } from '../parts/switch.js';

const visible = comparedColumns.map((id) => columns.find((one) => one.id === id) as Column);

export function ComparedFeatures({ done }: { readonly done: ComparisonDone }) {
  const [side, setSide] = useState<0 | 1>(0);
  const [sort, setSort] = useState<Sort>();
  const table = useMemo(() => comparisonTable(done), [done]);
  const rows = useMemo(() => new ComparedRows(table, side, sort), [table, side, sort]);
  const frame = useMemo(() => new RowFrame(rows, comparedColumns), [rows]);
  useEffect(() => void frame.show(rows.order.length), [frame, rows]);
  const renderCellContent = useCallback(
    ({ cell, col }: CellProps) => (
      <span>{cell ? cellText(visible[col], cell.value as Cell, String) : '…'}</span>
    ),
    [],
  );
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
          <Switch
            legend="Features of"
            choices={([0, 1] as const).map((i) => sideChoice(i, [done.a.id, done.b.id]))}
            chosen={side}
            choose={setSide}
          />
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
        <FeatureTable
          key={`${side} ${sort?.column} ${sort?.descending}`}
          frame={frame}
          visible={visible}
          sort={sort}
          onSort={setSort}
          renderCellContent={renderCellContent}
        />
      </div>
    </section>
  );
}

function sideChoice(id: 0 | 1, saes: readonly [string, string]) {
  return { id, label: saes[id], title: `Features of ${saes[id]}, seen in ${saes[1 - id]}` };
}
