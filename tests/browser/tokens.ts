// examples.parquet as docs/tables.md lays it out, for some features.
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

export interface ExampleRow {
  readonly sae: string;
  readonly feature: number;
  readonly kind: 'top' | 'quantile' | 'random';
  readonly row: number;
  readonly tokens: readonly string[];
  readonly codes: readonly number[];
}

export function examplesFile(rows: readonly ExampleRow[]): Uint8Array {
  const bytes = new ByteWriter();
  const list = (name: string, element: object) => [
    { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', ...element },
  ];
  const plain = (name: string, type: object) => ({ name, repetition_type: 'REQUIRED', ...type });
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: 7 },
      plain('sae', text),
      plain('feature', { type: 'INT32' }),
      plain('kind', text),
      plain('row', { type: 'INT32' }),
      ...list('context', text),
      ...list('codes', { type: 'FLOAT' }),
      plain('at', { type: 'INT32' }),
    ] as ConstructorParameters<typeof ParquetWriter>[0]['schema'],
  });
  const column = (name: string, of: (row: ExampleRow) => unknown) => ({ name, data: rows.map(of) });
  writer.write({
    columnData: [
      column('sae', ({ sae }) => sae),
      column('feature', ({ feature }) => feature),
      column('kind', ({ kind }) => kind),
      column('row', ({ row }) => row),
      column('context', ({ tokens }) => tokens),
      column('codes', ({ codes }) => codes),
      column('at', ({ codes }) => codes.indexOf(Math.max(...codes))),
    ] as Parameters<typeof writer.write>[0]['columnData'],
    rowGroupSize: rows.length,
  });
  writer.finish();
  return bytes.getBytes();
}
