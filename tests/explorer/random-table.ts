// A features.parquet of some thousand rows drawn at random, with the rows themselves: what the engine counts is counted again of them.
import { parquetReadObjects } from 'hyparquet';
import type { ByteSource } from '../../explorer/src/data/byte-source.js';
import type { FeatureMatchTable, FeatureStability } from '../../src/features/feature-stability.js';
import { Rng } from '../../src/tensor/rng.js';
import { parquetOf } from './small-table.js';

export interface PlainRow {
  readonly group: string;
  readonly sae: string;
  readonly other: string;
  readonly feature: number;
  readonly partner: number;
  readonly cosine: number;
  readonly mutual: boolean;
  readonly firing_rate: number;
  readonly margin: number;
  readonly assigned: number | null;
}

/**
 * Two groups of three SAEs. Widths are not multiples of 32, features without a direction are left out, and values come in
 * steps, so that they meet the bounds of filters.
 * @param width features of an SAE
 */
export async function randomTable(
  seed: number,
  width: number,
): Promise<{ source: ByteSource; rows: PlainRow[] }> {
  const rng = new Rng(seed);
  const source = await parquetOf(
    ['g', 'h'].map((group) => ({ group, stability: stability(rng, group, width) })),
  );
  const file = (source as { data: ArrayBuffer }).data;
  return { source, rows: (await parquetReadObjects({ file })) as unknown as PlainRow[] };
}

function stability(rng: Rng, group: string, width: number): FeatureStability {
  const saes = ['one', 'two', 'three'].map((name) => `${group}.${name}`);
  const draw = (n: number, of: () => number) => Float64Array.from({ length: n }, of);
  const stepped = (steps: number) => Math.floor(steps * rng.uniform()) / steps;
  const summaries = saes.map((sae) => ({
    sae,
    features: width,
    norm: draw(width, () => 0.5 + rng.uniform()),
    firingRate: draw(width, () => (rng.uniform() < 0.2 ? 0 : 10 ** (-4 * stepped(40)))),
    stability: draw(width, () => stepped(2)),
    stabilitySphere: draw(width, () => 1),
    stability07: draw(width, () => stepped(2)),
    stability09: draw(width, () => 0),
  }));
  const matches = saes.flatMap((sae, s) =>
    saes.flatMap((other): FeatureMatchTable[] => {
      if (other === sae) return [];
      // The first SAE has all its features, the second lacks the same ones everywhere, the third not even that.
      const left = (i: number) => (s === 1 && i % 7 === 3) || (s === 2 && rng.uniform() < 0.1);
      const features = Int32Array.from(Array.from({ length: width }, (_, i) => i).filter((i) => !left(i)));
      const n = features.length;
      const sign = () => (rng.uniform() < 0.5 ? -1 : 1);
      return [
        {
          sae,
          other,
          features,
          partner: Int32Array.from(features, () => Math.floor(width * rng.uniform())),
          cosine: draw(n, () => sign() * stepped(200)),
          margin: draw(n, () => stepped(100)),
          mutual: Uint8Array.from(features, () => (rng.uniform() < 0.5 ? 1 : 0)),
          assigned: Int32Array.from(features, (i) => (rng.uniform() < 0.3 ? -1 : i)),
          assignedCosine: draw(n, () => stepped(100)),
          pValue: draw(n, () => rng.uniform()),
          qValue: draw(n, () => rng.uniform()),
          pValueSphere: draw(n, () => rng.uniform()),
          qValueSphere: draw(n, () => rng.uniform()),
        },
      ];
    }),
  );
  return { summaries, matches };
}
