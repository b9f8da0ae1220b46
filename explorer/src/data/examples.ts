// examples.parquet: tokens on which features fire. Which rows are of which feature is read once, tokens when they are looked at.
//
// One row is one text seen by one feature; the columns are in docs/tables.md. Rows of a feature lie together.
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';

export const exampleKinds = ['top', 'quantile', 'random'] as const;
export type ExampleKind = (typeof exampleKinds)[number];

export interface Example {
  readonly kind: ExampleKind;
  /** Row of the activations: two features that have an example at the same row can be seen side by side on its text. */
  readonly row: number;
  readonly tokens: readonly string[];
  /** One for each token. */
  readonly codes: readonly number[];
  /** Index of the token whose row it is. */
  readonly at: number;
}

const needed = ['sae', 'feature', 'kind', 'row', 'context', 'codes', 'at'];

export class Examples {
  private constructor(
    private readonly file: AsyncBuffer,
    /** First and last row of each feature. */
    private readonly index: ReadonlyMap<string, { readonly from: number; to: number }>,
  ) {}

  /** @throws Error saying what is wrong with the file */
  static async open(file: AsyncBuffer): Promise<Examples> {
    const metadata = await parquetMetadataAsync(file);
    const there = new Set(metadata.schema.map(({ name }) => name));
    const missing = needed.filter((name) => !there.has(name));
    if (missing.length > 0) throw new Error(`examples.parquet: columns are missing: ${missing.join(', ')}`);
    const rows = await parquetReadObjects({ file, metadata, columns: ['sae', 'feature'] });
    const index = new Map<string, { from: number; to: number }>();
    for (const [row, { sae, feature }] of rows.entries()) {
      const key = keyOf(sae, feature);
      const found = index.get(key);
      if (found) found.to = row;
      else index.set(key, { from: row, to: row });
    }
    return new Examples(file, index);
  }

  async of(sae: string, feature: number): Promise<Example[]> {
    const place = this.index.get(keyOf(sae, feature));
    if (!place) return [];
    const rows = await parquetReadObjects({
      file: this.file,
      columns: needed,
      rowStart: place.from,
      rowEnd: place.to + 1,
    });
    return rows.flatMap((row) =>
      row['sae'] === sae && row['feature'] === feature
        ? [
            {
              kind: row['kind'] as ExampleKind,
              row: Number(row['row']),
              tokens: row['context'] as string[],
              codes: Array.from(row['codes'] as ArrayLike<number>, Number),
              at: Number(row['at']),
            },
          ]
        : [],
    );
  }
}

function keyOf(sae: unknown, feature: unknown): string {
  return `${String(feature)} ${String(sae)}`;
}
