// A features.parquet of a few rows, written by the code that writes every other one.
import type { ByteSource } from '../../explorer/src/data/byte-source.js';
import type { FeatureMatchTable, FeatureStability } from '../../src/features/feature-stability.js';
import { encodeFeatures } from '../../src/report/feature-table.js';

export const group = 'g';
export const [a, b, c] = ['g.seed1', 'g.seed2', 'g.seed3'];

interface Row {
  readonly partner: number;
  readonly cosine: number;
  readonly margin?: number;
  readonly mutual?: boolean;
  /** −1: none. */
  readonly assigned?: number;
}

function table(sae: string, other: string, rows: readonly Row[]): FeatureMatchTable {
  const floats = (of: (row: Row, i: number) => number) => Float64Array.from(rows, of);
  return {
    sae,
    other,
    features: Int32Array.from(rows, (_, i) => i),
    partner: Int32Array.from(rows, ({ partner }) => partner),
    cosine: floats(({ cosine }) => cosine),
    margin: floats(({ margin = 0.1 }) => margin),
    mutual: Uint8Array.from(rows, ({ mutual }) => (mutual ? 1 : 0)),
    assigned: Int32Array.from(rows, ({ assigned = -1 }) => assigned),
    assignedCosine: floats(({ assigned = -1, cosine }) => (assigned < 0 ? 0 : cosine)),
    pValue: floats((_, i) => i / 10),
    qValue: floats((_, i) => i / 5),
    pValueSphere: floats((_, i) => i / 100),
    qValueSphere: floats((_, i) => i / 50),
  };
}

/** Three features in each of three SAEs; feature 2 never fires. */
export const stability: FeatureStability = {
  summaries: [a, b, c].map((sae) => ({
    sae,
    features: 3,
    norm: Float64Array.of(1, 2, 0.5),
    firingRate: Float64Array.of(0.5, 0.001, 0),
    stability: Float64Array.of(1, 0.5, 0),
    stabilitySphere: Float64Array.of(1, 1, 0),
    stability07: Float64Array.of(1, 0.5, 0),
    stability09: Float64Array.of(0.5, 0, 0),
  })),
  matches: [
    table(a, b, [
      { partner: 1, cosine: 0.95, mutual: true, assigned: 1 },
      { partner: 1, cosine: -0.75, margin: 0.25 },
      { partner: 0, cosine: 0.2 },
    ]),
    table(a, c, [
      { partner: 0, cosine: 0.8, mutual: true },
      { partner: 2, cosine: 0.3 },
      { partner: 2, cosine: 0.1 },
    ]),
    table(b, a, [
      { partner: 2, cosine: 0.2 },
      { partner: 0, cosine: 0.95, mutual: true, assigned: 0 },
      { partner: 1, cosine: 0.4 },
    ]),
    table(b, c, [
      { partner: 1, cosine: 0.5 },
      { partner: 1, cosine: 0.6 },
      { partner: 1, cosine: 0.7 },
    ]),
    table(c, a, [
      { partner: 0, cosine: 0.8, mutual: true },
      { partner: 1, cosine: 0.3 },
      { partner: 1, cosine: 0.3 },
    ]),
    table(c, b, [
      { partner: 0, cosine: 0.5 },
      { partner: 2, cosine: 0.7, mutual: true },
      { partner: 1, cosine: 0.6 },
    ]),
  ],
};

export const rowsInAll = 18;

export async function parquetOf(groups: Parameters<typeof encodeFeatures>[0]): Promise<ByteSource> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeFeatures(groups)) pieces.push(piece);
  return { data: await new Blob(pieces as BlobPart[]).arrayBuffer() };
}

export function smallTable(): Promise<ByteSource> {
  return parquetOf([{ group, stability }]);
}
