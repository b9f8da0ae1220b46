// Parquet files: typed columns with absent values, encoded one row group at a time so that memory stays bounded.
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

export interface ParquetColumn {
  readonly name: string;
  /** `strings` and `float32s` are lists. */
  readonly type: 'string' | 'int32' | 'float32' | 'float64' | 'boolean' | 'strings' | 'float32s';
  /** Values may be absent (null in the file). */
  readonly optional?: boolean;
}

export type ParquetValue = string | number | boolean | null | readonly string[] | readonly number[];

/** Rows as columns: one list of equal length for each column, in the order of the columns. */
export type RowGroup = readonly (readonly ParquetValue[])[];

const elements = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int32: { type: 'INT32' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
} as const;

const listsOf = { strings: 'string', float32s: 'float32' } as const;

/**
 * The bytes of a file, in pieces: one for each row group that comes in, and the footer. The same columns and rows
 * give the same bytes.
 * @param metadata key-value pairs that readers show beside the schema
 */
export async function* encodeParquet(
  columns: readonly ParquetColumn[],
  rowGroups: Iterable<RowGroup> | AsyncIterable<RowGroup>,
  metadata: Readonly<Record<string, string>> = {},
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: 'reseed',
    // Row groups are told apart by whole names: those of a study's SAEs begin alike.
    statisticsTruncateLength: Number.POSITIVE_INFINITY,
  });
  for await (const group of rowGroups) {
    const rows = group[0]?.length ?? 0;
    if (rows === 0) continue;
    // A writer without `flush` encodes at once: nothing is left to wait for.
    writer.write({
      columnData: columns.map(({ name }, c) => ({ name, data: group[c] as ParquetValue[] })),
      rowGroupSize: rows,
    });
    yield taken(bytes);
  }
  writer.finish();
  yield taken(bytes);
}

function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  return [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elementsOf)];
}

function elementsOf({ name, type, optional }: ParquetColumn): SchemaElement[] {
  const column = { name, repetition_type: optional ? 'OPTIONAL' : 'REQUIRED' } as const;
  if (type !== 'strings' && type !== 'float32s') return [{ ...column, ...elements[type] }];
  return [
    { ...column, converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', ...elements[listsOf[type]] },
  ];
}

/** What was written since the last time; offsets in the file go on counting. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}
