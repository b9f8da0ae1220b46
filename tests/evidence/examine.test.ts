// What is told of the activations of a group, from what is known of them, by hand; and that no score is told without controls.
import { describe, expect, test } from 'vitest';
import { startMeasuring } from '../../src/evidence/context.js';
import { examine, examinePrepared } from '../../src/evidence/examine.js';
import type { PreparedGroup } from '../../src/evidence/prepare.js';
import { ColumnMoments } from '../../src/stats/column-moments.js';
import { fromRows } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

const options = { kernel: atOnce, seed: 0, draws: 2 };
type Data = NonNullable<PreparedGroup['data']>;

function momentsOf(rows: readonly (readonly number[])[]): ColumnMoments {
  const moments = new ColumnMoments(new Float64Array(rows[0].length));
  moments.add(fromRows(rows));
  return moments;
}

/** What is told of a group without an SAE that could be measured. */
async function told(change: Partial<Data>) {
  const data: Data = {
    rows: 2,
    distinctRows: 2,
    effectiveRank: 1.5,
    scatter: new Float64Array(4),
    different: Int32Array.of(0, 1),
    moments: momentsOf([
      [1, 0],
      [-1, 0],
    ]),
    codeRows: 2,
    stride: 1,
    ...change,
  };
  const { activations, ...rest } = await examinePrepared(
    { id: 'g', members: [], sound: [], data },
    startMeasuring(options),
  );
  expect(rest).toEqual({ id: 'g', members: [], metrics: {}, splits: {}, counterfactual: [] });
  return activations;
}

const counts = { rows: 2, distinctRows: 2, effectiveRank: 1.5 };

describe('activations', () => {
  test('of rows that are all alike have their counts and no more', async () => {
    expect(await told({})).toEqual({ ...counts, meanShare: 0 });
    const some = await told({ rows: 8, mostRepeated: 3, clusters: 5 });
    expect(some).toEqual({ ...counts, rows: 8, codeRows: 2, meanShare: 0, mostRepeated: 3, clusters: 5 });
  });

  test('hold so much in their mean: of 13 + 9 twice the 10 of (3, 1)', async () => {
    expect(
      (
        await told({
          moments: momentsOf([
            [3, 2],
            [3, 0],
          ]),
        })
      )?.meanShare,
    ).toBeCloseTo(20 / 22, 14);
    expect((await told({ moments: momentsOf([[1, 0]]) }))?.meanShare).toBe(1);
    expect(await told({ moments: momentsOf([[0, 0]]) })).not.toHaveProperty('meanShare');
  });

  test('have coordinates of another spread than the others', async () => {
    const moments = momentsOf([
      [1, 20, 1],
      [-1, -20, -1],
    ]);
    expect(await told({ moments })).toMatchObject({ heavyDimensions: 1, heavyShare: 800 / 804 });
    expect(await told({})).not.toHaveProperty('heavyDimensions');
  });

  test('have massive rows, whose numbers are counted and not listed', async () => {
    const massive = {
      rows: Int32Array.of(0, 7, 9),
      times: 30,
      share: 0.4,
      effectiveRank: 1.2,
      scatter: new Float64Array(4),
    };
    expect(await told({ massive })).toEqual({
      ...counts,
      meanShare: 0,
      massiveRows: 3,
      massiveTimes: 30,
      massiveShare: 0.4,
      ordinaryRank: 1.2,
    });
  });

  test('have rows that are set apart by where they stand, and places of others', async () => {
    const place = { position: 0, rows: 2 };
    expect(await told({ places: { massive: place } })).toEqual({
      ...counts,
      meanShare: 0,
      places: { massive: place },
    });
    const apart = {
      places: [place],
      rows: Int32Array.of(0, 5),
      times: 12,
      share: 0.3,
      effectiveRank: 1.1,
      scatter: new Float64Array(4),
    };
    const { rows: _, scatter: __, ...known } = apart;
    expect((await told({ places: { repeated: place, apart } }))?.places).toEqual({
      repeated: place,
      apart: { ...known, rows: 2 },
    });
  });
});

test('a group without activations has none, and what is not finite is counted', async () => {
  const broken = member('a', fromRows([[1, 2]]));
  broken.sae.decoder.data[0] = Number.NaN;
  const evidence = await examine({ id: 'g', members: [broken] }, options);
  expect(evidence).not.toHaveProperty('activations');
  expect(evidence.members.map(({ id, numerics }) => [id, numerics.nan])).toEqual([['a', 1]]);
  expect(evidence).toMatchObject({ metrics: {}, splits: {}, counterfactual: [] });
});

test('activations are described though no SAE can be measured', async () => {
  const broken = member('a', fromRows([[1, 2]]));
  broken.sae.decoder.data[0] = Number.NaN;
  const x = fromRows([
    [3, 2],
    [3, 0],
    [3, 2],
  ]);
  const { activations } = await examine({ id: 'g', members: [broken], x }, options);
  expect(activations).toMatchObject({ rows: 3, distinctRows: 2, mostRepeated: 2 });
  // Three times (3, 4/3), of squares that sum to 13 + 9 + 13.
  expect(activations?.meanShare).toBeCloseTo((3 * (9 + 16 / 9)) / 35, 12);
});

test('the controls are run on the first SAE, and what they throw ends it', async () => {
  const parts: string[] = [];
  const onProgress = (part: string) => parts.push(part);
  const broken = { ...atOnce, bestMatches: () => Promise.reject(new Error('broken')) };
  const group = { id: 'g', members: [member('a', fromRows([[1, 2]]))] };
  await expect(examine(group, { ...options, kernel: broken, onProgress })).rejects.toThrow('broken');
  expect(parts).toContain('g/controls');
});
