// Columns of a Parquet file, row group by row group.
import * as zlib from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { ReseedError } from '../errors.js';
import { withSource } from './byte-source.js';

/** Rows as columns: the values of each column that was asked for, in that order. */
export type ColumnValues = readonly ArrayLike<unknown>[];

export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly string[];
  /** The columns of each row group in turn. @throws input.format where there is no such column, or it cannot be read */
  read(columns: readonly string[]): AsyncGenerator<ColumnValues>;
}

/** Opens a file for `use`, and closes it afterwards. @throws input.file; input.format where it is no Parquet */
export async function withParquet<T>(path: string, use: (file: ParquetFile) => Promise<T>): Promise<T> {
  return withSource(path, async (source) => {
    const file: AsyncBuffer = {
      byteLength: source.size,
      slice: async (start, end = source.size) =>
        (await source.read(new Uint8Array(end - start), start)).buffer,
    };
    const metadata = await reading(path, () => parquetMetadataAsync(file));
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    return use({
      rows: Number(metadata.num_rows),
      columns,
      read: (wanted) => rowGroups(path, file, metadata, columns, wanted),
    });
  });
}

async function* rowGroups(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  wanted: readonly string[],
): AsyncGenerator<ColumnValues> {
  const missing = wanted.find((name) => !columns.includes(name));
  if (missing !== undefined) {
    throw new ReseedError('input.format', 'it is not in the file', {
      file: path,
      field: `column ${missing}`,
      found: columns.join(', '),
    });
  }
  let from = 0;
  for (const group of metadata.row_groups) {
    const to = from + Number(group.num_rows);
    const found = wanted.map((): unknown[] => []);
    await reading(path, () =>
      parquetRead({
        file,
        metadata,
        columns: [...wanted],
        rowStart: from,
        rowEnd: to,
        compressors,
        onComplete(rows) {
          for (const row of rows) wanted.forEach((_, c) => void found[c].push(row[c]));
        },
      }),
    );
    yield found;
    from = to;
  }
}

async function reading<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof ReseedError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new ReseedError('input.format', 'it cannot be read as Parquet', { file, found, cause });
  }
}

/** Node has zstd from 22.15 on. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array };

const compressors: Compressors = {
  GZIP: (bytes) => new Uint8Array(zlib.gunzipSync(bytes)),
  BROTLI: (bytes) => new Uint8Array(zlib.brotliDecompressSync(bytes)),
  ...(zstdDecompressSync ? { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)) } : {}),
};
