// Families in the explorer: in how many SAEs a feature is, its family beside it, and filters by both.
import { beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../explorer/src/data/engine.js';
import type { Families } from '../../src/features/families/families.js';
import { a, b, c, group, parquetOf, rowsInAll, stability } from './small-table.js';

const member = (sae: number, feature: number) => ({ sae, feature, sign: 1, agreement: 0.9 }) as const;

/** Feature 0 of the first, 1 of the second and 0 of the third SAE; and two features of the second and the third. */
const families: Families = {
  by: 'directions',
  cosine: 0.7,
  saes: [a, b, c],
  scored: [3, 3, 3],
  families: [
    [member(0, 0), member(1, 1), member(2, 0)],
    [member(1, 2), member(2, 1)],
  ].map((members) => ({ members, agreement: 0.9, leastCosine: 0.8, chance: 0.001, q: 0.01 })),
  optimum: { value: 1, upperBound: 1, components: 2, proven: 2 },
  copies: [],
  dropped: 0,
};

let engine: LocalEngine;

async function loaded(groups: Parameters<typeof parquetOf>[0]): Promise<LocalEngine> {
  const fresh = new LocalEngine();
  const source = await parquetOf(groups);
  await new Promise<void>((whole) => {
    void fresh.load(source, (progress) => {
      if ('whole' in progress && progress.whole) whole();
    });
  });
  return fresh;
}

// Another group has families of the same numbers.
beforeAll(async () => {
  const other = {
    ...families,
    families: [{ ...families.families[0], members: [member(0, 2), member(1, 2)] }],
  };
  engine = await loaded([
    { group, stability, families },
    { group: 'h', stability, families: other },
  ]);
});

describe('features in families', () => {
  it.each([
    // Each feature is in two rows.
    ['support=3', 6],
    ['support>=2', 10],
    ['support=1', rowsInAll - 10],
    ['family=1', 4],
    ['family<1', 6],
    ['family<=1 sae:seed2', 4],
  ])('%j leaves %i rows', async (filter, rows) => {
    expect(await engine.select({ group, filter, cut: 0.7 })).toMatchObject({ rows });
  });

  it('are told apart from those of other groups', async () => {
    expect(await engine.select({ group: 'h', filter: 'support>=2', cut: 0.7 })).toMatchObject({ rows: 4 });
    expect(await engine.select({ group: 'h', filter: 'support=3', cut: 0.7 })).toMatchObject({ rows: 0 });
  });

  it('have the other members beside them, with what is known of each', async () => {
    const seen = await engine.family(group, { sae: 'seed2', feature: 1 });
    expect(seen).toMatchObject({ family: 0, of: 3 });
    expect(seen?.members.map(({ sae, feature }) => [sae, feature])).toEqual([
      [a, 0],
      [b, 1],
      [c, 0],
    ]);
    expect(seen?.members[1].facts).toMatchObject({ norm: 2, firingRate: 0.001 });
    expect(await engine.family(group, { sae: a, feature: 1 })).toBeUndefined();
    expect(await engine.family(group, { sae: a, feature: 9 })).toBeUndefined();
  });

  it('sort by their families, those without one last', async () => {
    const sort = { column: 'family', descending: true };
    const { rows } = await engine.select({ group, filter: '', cut: 0.7, sort });
    const [numbers, support] = await engine.rows(0, rows, ['family', 'support']);
    expect(numbers.slice(0, 11)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, undefined]);
    expect(support.slice(3, 11)).toEqual([2, 3, 3, 3, 3, 3, 3, 1]);
  });
});

it('knows of no family where the file has none', async () => {
  const without = await loaded([{ group, stability }]);
  expect(await without.family(group, { sae: a, feature: 0 })).toBeUndefined();
});
