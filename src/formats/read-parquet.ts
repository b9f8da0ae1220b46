// Columns of a Parquet file, row group by row group.
import * as zlib from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { ReseedError } from '../errors.js';
import { fileSource } from './file-source.js';

/** The columns that were asked for, in that order. */
export interface ParquetRows {
  readonly columns: readonly ArrayLike<unknown>[];
  /** Share of all rows that have been read with these. */
  readonly share: number;
}

/** The rows of each row group in turn. @throws input.file; input.format where it is no Parquet, or has no such column */
export async function* readParquet(path: string, wanted: readonly string[]): AsyncGenerator<ParquetRows> {
  const source = await fileSource(path);
  try {
    const file: AsyncBuffer = {
      byteLength: source.size,
      slice: async (start, end = source.size) =>
        (await source.read(new Uint8Array(end - start), start)).buffer,
    };
    const metadata = await reading(path, () => parquetMetadataAsync(file));
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const missing = wanted.find((name) => !names.includes(name));
    if (missing !== undefined) {
      throw new ReseedError('input.format', 'it is not in the file', {
        file: path,
        field: `column ${missing}`,
        found: names.join(', '),
      });
    }
    let from = 0;
    for (const group of metadata.row_groups) {
      const to = from + Number(group.num_rows);
      const columns = wanted.map((): unknown[] => []);
      const onComplete = (rows: unknown[][]) => {
        for (const row of rows) for (const [c, column] of columns.entries()) column.push(row[c]);
      };
      const range = { rowStart: from, rowEnd: to };
      await reading(path, () =>
        parquetRead({ file, metadata, columns: [...wanted], ...range, compressors, onComplete }),
      );
      yield { columns, share: to / Number(metadata.num_rows) };
      from = to;
    }
  } finally {
    await source.close();
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
