// What is shown, as a file: CSV, JSON or Parquet, made piece by piece.
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { type Column, columns } from './columns.js';
import type { FeatureTable } from './feature-table.js';
import { type Cell, valueAt } from './rows.js';

export const exportFormats = ['csv', 'json', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const rowsPerPiece = 65_536;

const types: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
};

/** The columns that have values, in the order of the table. */
export function writtenColumns(table: FeatureTable): readonly Column[] {
  return columns.filter(({ id, kind, made }) => made || kind === 'name' || table.columns.has(id));
}

/** @param rows of the table, in the order to write them @param cut the class of a partner is at */
export function exportRows(table: FeatureTable, rows: Uint32Array, cut: number, format: ExportFormat): Blob {
  const written = writtenColumns(table);
  const pieces = function* (): Generator<Uint32Array> {
    for (let at = 0; at < rows.length; at += rowsPerPiece) yield rows.subarray(at, at + rowsPerPiece);
  };
  const record = (row: number) => written.map(({ id }) => valueAt(table, id, row, cut));
  const parts: BlobPart[] = [];
  if (format === 'csv') {
    parts.push(`${written.map(({ id }) => id).join(',')}\n`);
    for (const piece of pieces()) parts.push(Array.from(piece, (row) => csvLine(record(row))).join(''));
  } else if (format === 'json') {
    let before = '[\n';
    for (const piece of pieces()) {
      const lines = Array.from(piece, (row) => jsonObject(written, record(row)));
      parts.push(before, lines.join(',\n'));
      before = ',\n';
    }
    parts.push(rows.length === 0 ? '[]\n' : '\n]\n');
  } else parts.push(...parquetPieces(written, pieces(), record));
  return new Blob(parts, { type: types[format] });
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => csvCell(cell)).join(',')}\n`;
}

function csvCell(cell: Cell): string {
  if (cell === undefined) return '';
  const text = String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Absent values have no key. */
function jsonObject(written: readonly Column[], cells: readonly Cell[]): string {
  return JSON.stringify(
    Object.fromEntries(written.flatMap(({ id }, i) => (cells[i] === undefined ? [] : [[id, cells[i]]]))),
  );
}

function parquetPieces(
  written: readonly Column[],
  pieces: Iterable<Uint32Array>,
  record: (row: number) => readonly Cell[],
): BlobPart[] {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: written.length }, ...written.map(schemaOf)],
    createdBy: 'reseed explorer',
  });
  const parts: BlobPart[] = [];
  for (const piece of pieces) {
    const records = Array.from(piece, record);
    writer.write({
      columnData: written.map(({ id }, c) => ({ name: id, data: records.map((cells) => cells[c] ?? null) })),
      rowGroupSize: piece.length,
    });
    parts.push(taken(bytes));
  }
  writer.finish();
  parts.push(taken(bytes));
  return parts;
}

/** What was written since the last time; offsets in the file go on counting. */
function taken(bytes: ByteWriter): Uint8Array<ArrayBuffer> {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}

function schemaOf({ id: name, kind }: Column): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  if (kind === 'index') return { ...optional, type: 'INT32' };
  if (kind === 'boolean') return { ...optional, type: 'BOOLEAN' };
  if (kind === 'number') return { ...optional, type: 'DOUBLE' };
  return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
}
