// Reads features.parquet into typed arrays, row group by row group: what the table needs first, then the rest.
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type RowGroup,
} from 'hyparquet';
import { type Column, columns } from './columns.js';
import { supportOf } from './families.js';
import { type Block, emptyColumn, type FeatureTable, type Values } from './feature-table.js';

/** Columns that tell which rows belong together. */
const keys = ['group', 'sae', 'other'] as const;

export interface Loading {
  readonly table: FeatureTable;
  /** Reads the columns that were left for later; each is in the table from when it is whole. */
  readonly rest: (onColumn: (id: string) => void) => Promise<void>;
}

/**
 * @param onProgress share of the first columns that is read
 * @throws Error saying what is wrong with the file
 */
export async function loadTable(file: AsyncBuffer, onProgress: (share: number) => void): Promise<Loading> {
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw new Error(`it is no whole Parquet file: ${(cause as Error).message}`);
  });
  const there = new Set(metadata.schema.slice(1).map(({ name }) => name));
  const needed = [...keys, ...columns.filter(({ first }) => first).map(({ id }) => id)];
  // Without activations there is no firing rate.
  const missing = needed.filter((name) => name !== 'firing_rate' && !there.has(name));
  if (missing.length > 0) throw new Error(`columns are missing: ${missing.join(', ')}`);
  const rows = Number(metadata.num_rows);
  const table = { rows, blocks: [] as Block[], columns: new Map<string, Values>() };
  const inFile = columns.filter(({ id, kind, made }) => there.has(id) && kind !== 'name' && !made);
  const first = inFile.filter((one) => one.first);
  for (const column of first) table.columns.set(column.id, emptyColumn(column, rows));
  const runs = new Runs(rows);
  await eachGroup(metadata, async (group, start, done) => {
    const constant = constantKeys(metadata, group);
    if (constant) runs.add(constant, start, start + Number(group.num_rows));
    const read = [...first.map(({ id }) => id), ...(constant ? [] : keys)];
    const texts = new Map<string, ArrayLike<unknown>>();
    await readColumns(file, metadata, read, start, start + Number(group.num_rows), (id, from, values) => {
      const into = table.columns.get(id);
      if (into) fill(into, from, values);
      else texts.set(id, values);
    });
    if (!constant)
      runs.addRows(
        keys.map((id) => texts.get(id) as ArrayLike<unknown>),
        start,
      );
    onProgress(done / rows);
  });
  table.blocks = runs.blocks;
  // A column that nowhere has a value is as good as absent.
  for (const { id } of first) if (isEmpty(table.columns.get(id) as Values)) table.columns.delete(id);
  return { table, rest: (onColumn) => readRest(file, metadata, table, inFile, onColumn) };
}

async function readRest(
  file: AsyncBuffer,
  metadata: FileMetaData,
  table: FeatureTable,
  inFile: readonly Column[],
  onColumn: (id: string) => void,
): Promise<void> {
  for (const column of inFile.filter(({ first }) => !first)) {
    const values = emptyColumn(column, table.rows);
    await eachGroup(metadata, (group, start) =>
      readColumns(file, metadata, [column.id], start, start + Number(group.num_rows), (_, from, chunk) =>
        fill(values, from, chunk),
      ).then(otherCalls),
    );
    if (isEmpty(values)) continue;
    table.columns.set(column.id, values);
    if (column.id === 'family') table.columns.set('support', supportOf(table, values as Int32Array));
    onColumn(column.id);
  }
}

/** Until what other threads have asked for meanwhile is answered: bytes that are held already make no pause to do so. */
function otherCalls(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

async function eachGroup(
  { row_groups: groups }: FileMetaData,
  use: (group: RowGroup, start: number, done: number) => Promise<void>,
): Promise<void> {
  let start = 0;
  for (const group of groups) {
    const end = start + Number(group.num_rows);
    await use(group, start, end);
    start = end;
  }
}

async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  names: string[],
  rowStart: number,
  rowEnd: number,
  onChunk: (id: string, from: number, values: ArrayLike<unknown>) => void,
): Promise<void> {
  await parquetRead({
    file,
    metadata,
    columns: names,
    rowStart,
    rowEnd,
    onChunk: ({ columnName, columnData, rowStart: from }) => onChunk(columnName, from, columnData),
  });
}

function fill(into: Values, from: number, values: ArrayLike<unknown>): void {
  if (ArrayBuffer.isView(values) && values.constructor === into.constructor) {
    into.set(values as unknown as Float64Array, from);
    return;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // What is absent stays as the array was made.
    if (value !== null && value !== undefined) into[from + i] = Number(value);
  }
}

function isEmpty(values: Values): boolean {
  return values instanceof Float64Array && values.every(Number.isNaN) && values.length > 0;
}

/** The keys of a row group all of whose rows have the same, by its statistics. */
function constantKeys(metadata: FileMetaData, group: RowGroup): readonly string[] | undefined {
  const found = keys.map((id) => {
    const chunk = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === id)?.meta_data;
    const { min_value: low, max_value: high } = chunk?.statistics ?? {};
    return typeof low === 'string' && low === high ? low : undefined;
  });
  return metadata.row_groups.length > 0 && found.every((one) => one !== undefined) ? found : undefined;
}

/** Gathers the runs of rows that have the same keys. */
class Runs {
  readonly blocks: Block[] = [];

  constructor(readonly rows: number) {}

  add([group, sae, other]: readonly string[], start: number, end: number): void {
    const last = this.blocks.at(-1);
    if (last && last.group === group && last.sae === sae && last.other === other) {
      this.blocks[this.blocks.length - 1] = { ...last, end };
    } else this.blocks.push({ group, sae, other, start, end });
  }

  addRows([groups, saes, others]: readonly ArrayLike<unknown>[], at: number): void {
    for (let from = 0, i = 1; i <= groups.length; i++) {
      const goesOn = groups[i] === groups[from] && saes[i] === saes[from] && others[i] === others[from];
      if (goesOn && i < groups.length) continue;
      this.add([groups[from], saes[from], others[from]].map(String), at + from, at + i);
      from = i;
    }
  }
}
