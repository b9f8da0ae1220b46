// The engine of the explorer against the rows that a file was written from.
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, LocalEngine, type Selection } from '../../explorer/src/data/engine.js';
import { a, b, c, group, parquetOf, rowsInAll, smallTable, stability } from './small-table.js';

let engine: Engine;
const all: Selection = { group, filter: '', cut: 0.7 };

beforeAll(async () => {
  engine = await loaded();
});

/** With every column read. */
async function loaded(): Promise<Engine> {
  const fresh = new LocalEngine();
  const source = await smallTable();
  await new Promise<void>((whole) => {
    void fresh.load(source, (progress) => {
      if ('columns' in progress && progress.columns.includes('p_value_sphere')) whole();
    });
  });
  return fresh;
}

async function column(selection: Partial<Selection>, id: string): Promise<readonly unknown[]> {
  const { rows } = await engine.select({ ...all, ...selection });
  const [cells] = await engine.rows(0, rows, [id]);
  return cells;
}

describe('loading', () => {
  it('knows every column but those that are nowhere', async () => {
    const info = await new LocalEngine().load(await smallTable(), () => {});
    expect(info).toMatchObject({ rows: rowsInAll, across: 'firing_rate' });
    expect(info.columns).toEqual(expect.arrayContaining(['sae', 'cosine', 'class', 'firing_rate', 'norm']));
    expect(info.columns).not.toContain('init_cosine');
  });

  it('goes by norms where no firing rates are known', async () => {
    const blind = stability.summaries.map(({ firingRate: _, ...rest }) => rest);
    const file = await parquetOf([{ group, stability: { ...stability, summaries: blind } }]);
    const info = await new LocalEngine().load(file, () => {});
    expect(info.across).toBe('norm');
    expect(info.columns).not.toContain('firing_rate');
  });

  it('says what is wrong with a file', async () => {
    const load = (data: ArrayBuffer) => new LocalEngine().load({ data }, () => {});
    await expect(load(new ArrayBuffer(64))).rejects.toThrow(/no whole Parquet file/);
    const { data } = (await smallTable()) as { data: ArrayBuffer };
    await expect(load(data.slice(0, data.byteLength - 20))).rejects.toThrow(/no whole Parquet file/);
    const damaged = data.slice(0);
    new Uint8Array(damaged).fill(255, 4, Math.floor(damaged.byteLength / 3));
    await expect(load(damaged)).rejects.toThrow();
  });

  it('has nothing selected in a table that has taken the place of another', async () => {
    const again = await loaded();
    expect((await again.select(all)).rows).toBeGreaterThan(0);
    await again.load(await smallTable(), () => {});
    expect(await again.rows(0, 64, ['sae'])).toEqual([[]]);
    expect(await again.random(0.5)).toBeUndefined();
    expect(await again.find({ sae: a, feature: 0 })).toBeUndefined();
  });

  it('keeps SAEs of one name in two groups apart', async () => {
    const twice = new LocalEngine();
    await twice.load(
      await parquetOf([
        { group, stability },
        { group: 'h', stability },
      ]),
      () => {},
    );
    expect(await twice.select({ ...all, group: 'h' })).toMatchObject({ rows: rowsInAll, of: rowsInAll });
    expect((await twice.select({ ...all, group: 'h', filter: 'cosine>0.9' })).rows).toBe(2);
  });
});

describe('filters', () => {
  it.each([
    ['', rowsInAll],
    ['cosine<0', 1],
    ['abs>=0.7', 7],
    ['abs>0.7', 5],
    ['cosine=0.95', 2],
    ['rate=0', 6],
    ['rate>1e-3 rate<=0.5', 6],
    ['mutual:yes', 5],
    ['partner:none', 11],
    ['partner:mutual', 5],
    ['partner:one-sided', 2],
    ['partner:any', 7],
    ['sae:seed1', 6],
    ['sae:g.seed1 other:seed2', 3],
    ['sae:seed', 0],
    ['init>0', 0],
    ['assigned=1', 1],
    ['partner=1', 9],
  ])('%j leaves %i rows', async (filter, rows) => {
    const summary = await engine.select({ ...all, filter });
    expect(summary).toMatchObject({ rows, of: rowsInAll });
    expect(summary.histogram.reduce((x, y) => x + y, 0)).toBe(rows);
    expect(summary.density.reduce((x, y) => x + y, 0)).toBe(rows);
  });
});

describe('the cut', () => {
  it('counts rows by their partner, features by where they come back', async () => {
    const { classes, features, saes, pairs } = await engine.select(all);
    expect(classes).toEqual({ none: 11, oneSided: 2, mutual: 5 });
    // seed1: 0 in both, 1 in one, 2 in none; seed2: 1 and 2 in one; seed3: 0 and 1 in one.
    expect(features).toEqual({ every: 1, some: 5, none: 3 });
    expect(saes.map(({ sae, every }) => [sae, every])).toEqual([
      [a, 1],
      [b, 0],
      [c, 0],
    ]);
    const ofAb = pairs.find(({ sae, other }) => sae === a && other === b);
    expect(ofAb).toMatchObject({ rows: 3, atCut: 2 });
  });

  it('gives the same whether it is moved there or starts there', async () => {
    const fresh = await loaded();
    for (const filter of ['', 'rate>0', 'partner:none', 'sae:seed2']) {
      for (const cut of [0.1, 0.5, 0.7, 0.95, 1]) {
        await engine.select({ ...all, filter, cut: 0.33 });
        const moved = await engine.select({ ...all, filter, cut });
        await fresh.select({ ...all, filter: 'cosine>2', cut: 0 });
        const { rowSet: _, ...direct } = await fresh.select({ ...all, filter, cut });
        expect(moved).toMatchObject(direct);
      }
    }
  });

  it('decides the class that the table shows', async () => {
    expect(await column({ filter: 'sae:seed1 other:seed2' }, 'class')).toEqual([
      'mutual',
      'one-sided',
      'none',
    ]);
    expect(await column({ filter: 'sae:seed1 other:seed2', cut: 0.9 }, 'class')).toEqual([
      'mutual',
      'none',
      'none',
    ]);
  });
});

describe('order', () => {
  it('sorts by value both ways, negative ones first', async () => {
    const up = (await column({ sort: { column: 'cosine', descending: false } }, 'cosine')) as number[];
    expect(up).toEqual([...up].sort((x, y) => x - y));
    expect(up[0]).toBe(-0.75);
    const down = await column({ sort: { column: 'cosine', descending: true } }, 'cosine');
    expect(down).toEqual([...up].reverse());
  });

  it('puts rows without a value last, both ways', async () => {
    for (const descending of [false, true]) {
      const values = await column({ sort: { column: 'assigned', descending } }, 'assigned');
      expect(values.slice(0, 2)).toEqual(descending ? [1, 0] : [0, 1]);
      expect(values.slice(2).every((one) => one === undefined)).toBe(true);
    }
  });

  it('sorts by names and by the class at the cut', async () => {
    const names = await column({ sort: { column: 'other', descending: false } }, 'other');
    expect(new Set(names.slice(0, 6)).size).toBe(1);
    const classes = await column({ sort: { column: 'class', descending: true }, cut: 0.9 }, 'class');
    expect(classes.slice(0, 3)).toEqual(['mutual', 'mutual', 'none']);
    const lower = await column({ sort: { column: 'class', descending: true }, cut: 0.7 }, 'class');
    expect(lower.filter((one) => one === 'mutual')).toEqual(lower.slice(0, 5));
  });
});

describe('one feature', () => {
  it('has its partners, who else takes them, and who takes it', async () => {
    const seen = await engine.feature(group, { sae: 'seed1', feature: 1 });
    expect(seen).toMatchObject({ sae: a, feature: 1, facts: { norm: 2, firingRate: 0.001, stability: 0.5 } });
    const [inB, inC] = seen?.partners ?? [];
    expect(inB).toMatchObject({ other: b, partner: 1, cosine: -0.75, second: 0.5, mutual: false });
    expect(inB.rivals).toEqual([{ feature: 0, cosine: 0.95 }]);
    expect(inB.claimedBy).toEqual([{ feature: 2, cosine: 0.4 }]);
    expect(inB.of).toMatchObject({ norm: 2 });
    expect(inB).not.toHaveProperty('assigned');
    expect(inC.claimedBy.map(({ feature }) => feature)).toEqual([1, 2]);
  });

  it('is not there where there is no such feature, SAE or group', async () => {
    expect(await engine.feature(group, { sae: a, feature: 3 })).toBeUndefined();
    expect(await engine.feature(group, { sae: 'seed9', feature: 0 })).toBeUndefined();
    expect(await engine.feature('h', { sae: a, feature: 0 })).toBeUndefined();
  });

  it('is found among the shown rows, and drawn from them', async () => {
    await engine.select({ ...all, sort: { column: 'cosine', descending: true }, filter: 'abs>0.6' });
    expect(await engine.find({ sae: a, feature: 1 })).toBe(6);
    expect(await engine.find({ sae: a, feature: 2 })).toBeUndefined();
    const [[sae], [feature]] = await engine.rows(6, 7, ['sae', 'feature']);
    expect(await engine.random(6 / 7 + 1e-9)).toEqual({ sae, feature });
    await engine.select({ ...all, filter: 'cosine>2' });
    expect(await engine.random(0.5)).toBeUndefined();
  });
});

describe('export', () => {
  const select = () =>
    engine.select({ ...all, filter: 'sae:seed1 other:seed2', sort: { column: 'cosine', descending: true } });

  it('writes what is shown as CSV, in its order', async () => {
    await select();
    const lines = (await (await engine.export('csv')).text()).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    const [head, first] = lines.map((line) => line.split(','));
    const value = (name: string) => first[head.indexOf(name)];
    expect([value('sae'), value('feature'), value('cosine'), value('class')]).toEqual([
      a,
      '0',
      '0.95',
      'mutual',
    ]);
    expect(lines[2].split(',')[head.indexOf('assigned')]).toBe('');
  });

  it('writes the same as JSON and as Parquet', async () => {
    await select();
    const json = JSON.parse(await (await engine.export('json')).text()) as Record<string, unknown>[];
    expect(json.map(({ cosine }) => cosine)).toEqual([0.95, 0.2, -0.75]);
    expect(json[1]).not.toHaveProperty('assigned');
    const file = await (await engine.export('parquet')).arrayBuffer();
    const parquet = await parquetReadObjects({ file });
    expect(
      parquet.map((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null))),
    ).toEqual(json);
  });

  it('writes nothing where nothing is shown', async () => {
    await engine.select({ ...all, filter: 'cosine>2' });
    expect(JSON.parse(await (await engine.export('json')).text())).toEqual([]);
    const file = await (await engine.export('parquet')).arrayBuffer();
    expect(await parquetReadObjects({ file })).toEqual([]);
  });
});
