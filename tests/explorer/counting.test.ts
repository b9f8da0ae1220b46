// What the explorer counts, selection after selection, against the same rows counted one by one.
import { beforeAll, describe, expect, it } from 'vitest';
import { cosineBins, rateBins } from '../../explorer/src/data/binning.js';
import { LocalEngine, type Selection, type TableInfo } from '../../explorer/src/data/engine.js';
import { Rng } from '../../src/tensor/rng.js';
import { type PlainRow, randomTable } from './random-table.js';

// More rows than are counted together when they are looked through (shown.ts).
const width = 3001;
let engine: LocalEngine;
let rows: PlainRow[];
let info: TableInfo;

beforeAll(async () => {
  const made = await randomTable(11, width);
  rows = made.rows;
  engine = new LocalEngine();
  await new Promise<void>((whole) => {
    void engine
      .load(made.source, (progress) => {
        if ('whole' in progress && progress.whole) whole();
      })
      .then((loaded) => {
        info = loaded;
      });
  });
});

interface Condition {
  readonly text: string;
  readonly holds: (row: PlainRow, cut: number) => boolean;
}

function condition(rng: Rng): Condition {
  const value = Math.round(200 * (2 * rng.uniform() - 1)) / 200;
  const size = Math.abs(value);
  const rate = Number((10 ** (-4 * rng.uniform())).toPrecision(3));
  const all: readonly Condition[] = [
    { text: `cosine<${value}`, holds: ({ cosine }) => cosine < value },
    { text: `cosine>=${value}`, holds: ({ cosine }) => cosine >= value },
    { text: `abs<=${size}`, holds: ({ cosine }) => Math.abs(cosine) <= size },
    { text: `abs>${size}`, holds: ({ cosine }) => Math.abs(cosine) > size },
    { text: `rate>=${rate}`, holds: (row) => row.firing_rate >= rate },
    { text: 'rate=0', holds: (row) => row.firing_rate === 0 },
    { text: `margin<=${size}`, holds: ({ margin }) => margin <= size },
    {
      text: `assigned>${Math.round(width * size)}`,
      holds: ({ assigned }) => (assigned ?? -1) > Math.round(width * size),
    },
    {
      text: `assigned<=${Math.round(width * size)}`,
      holds: ({ assigned }) => assigned !== null && assigned <= Math.round(width * size),
    },
    { text: 'mutual:no', holds: ({ mutual }) => !mutual },
    { text: 'partner:none', holds: ({ cosine }, cut) => Math.abs(cosine) < cut },
    { text: 'partner:any', holds: ({ cosine }, cut) => Math.abs(cosine) >= cut },
    { text: 'partner:mutual', holds: ({ cosine, mutual }, cut) => Math.abs(cosine) >= cut && mutual },
    { text: 'partner:one-sided', holds: ({ cosine, mutual }, cut) => Math.abs(cosine) >= cut && !mutual },
    { text: 'sae:two', holds: ({ sae }) => sae.endsWith('.two') },
    { text: 'other:three', holds: ({ other }) => other.endsWith('.three') },
  ];
  return all[Math.floor(all.length * rng.uniform())];
}

function counted(selected: readonly PlainRow[], cut: number) {
  const found = (row: PlainRow) => Math.abs(row.cosine) >= cut;
  const hits = selected.filter(found);
  const mutual = hits.filter((row) => row.mutual).length;
  const tally = (key: (row: PlainRow) => string) => groupedBy(selected, key);
  const features = [...tally(({ sae, feature }) => `${sae} ${feature}`).values()];
  const every = features.filter((seen) => seen.every(found));
  const none = features.filter((seen) => !seen.some(found));
  return {
    rows: selected.length,
    classes: { none: selected.length - hits.length, oneSided: hits.length - mutual, mutual },
    features: {
      every: every.length,
      some: features.length - every.length - none.length,
      none: none.length,
    },
    pairs: [...tally(({ sae, other }) => `${sae} ${other}`)].map(([key, of]) => [
      key,
      of.length,
      of.filter(found).length,
    ]),
    saes: [...tally(({ sae }) => sae).keys()].map((sae) => {
      const own = (seen: readonly PlainRow[]) => seen[0].sae === sae;
      return [sae, features.filter(own).length, every.filter(own).length];
    }),
  };
}

function groupedBy<T>(all: readonly T[], key: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const found = groups.get(key(one));
    if (found) found.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}

/** Column of the rate · bins of |cosine| + bin of |cosine|, as the axes of the figure say it. */
function cellOf({ firing_rate: rate, cosine }: PlainRow): number {
  const bins = rateBins - 1;
  const along = (bins * (Math.log10(rate) - info.low)) / (info.high - info.low);
  const x = rate > 0 ? 1 + Math.min(bins - 1, Math.floor(along)) : 0;
  return x * cosineBins + Math.min(cosineBins - 1, Math.floor(Math.abs(cosine) * cosineBins));
}

describe('a selection after another', () => {
  // A run of selections, each near the one before or far from it.
  it.each([1, 2, 3])('counts what rows one by one give, drawn with seed %i', async (seed) => {
    const rng = new Rng(seed);
    let conditions: Condition[] = [];
    for (let step = 0; step < 16; step++) {
      const group = rng.uniform() < 0.85 ? 'g' : 'h';
      const cut = Math.round(200 * rng.uniform()) / 200;
      if (rng.uniform() < 0.7)
        conditions = [...conditions.slice(rng.uniform() < 0.5 ? 1 : 0), condition(rng)].slice(-3);
      else if (rng.uniform() < 0.3) conditions = [];
      const filter = conditions.map(({ text }) => text).join(' ');
      const of = rows.filter((row) => row.group === group);
      const selected = of.filter((row) => conditions.every(({ holds }) => holds(row, cut)));
      const summary = await engine.select({ group, filter, cut });
      const known = {
        ...summary,
        pairs: summary.pairs
          .filter((pair) => pair.rows > 0)
          .map(({ sae, other, rows: n, atCut }) => [`${sae} ${other}`, n, atCut]),
        saes: summary.saes
          .filter(({ features }) => features > 0)
          .map((one) => [one.sae, one.features, one.every]),
      };
      expect(known, filter).toMatchObject({ ...counted(selected, cut), of: of.length });
      const density = new Uint32Array(rateBins * cosineBins);
      for (const row of selected) density[cellOf(row)]++;
      expect(summary.density).toEqual(density);
      const histogram = new Uint32Array(cosineBins);
      for (const [cell, n] of density.entries()) histogram[cell % cosineBins] += n;
      expect(summary.histogram).toEqual(histogram);
    }
  });
});

describe('rows that are shown', () => {
  const shownOf = async (selection: Partial<Selection>, from: number, to: number) => {
    await engine.select({ group: 'g', filter: '', cut: 0.5, ...selection });
    const [saes, others, features] = await engine.rows(from, to, ['sae', 'other', 'feature']);
    return saes.map((sae, i) => [sae, others[i], features[i]]);
  };
  const keys = (some: readonly PlainRow[]) => some.map(({ sae, other, feature }) => [sae, other, feature]);

  it.each([
    ['', undefined, false],
    ['partner:none', undefined, false],
    ['rate>1e-3', 'cosine', false],
    ['partner:any', 'cosine', true],
    ['cosine<0.3', 'assigned', true],
    ['', 'assigned', false],
  ] as const)('%j by %s, descending: %s', async (filter, column, descending) => {
    const selected = rows.filter(
      (row) =>
        row.group === 'g' &&
        (filter !== 'partner:none' || Math.abs(row.cosine) < 0.5) &&
        (filter !== 'partner:any' || Math.abs(row.cosine) >= 0.5) &&
        (filter !== 'rate>1e-3' || row.firing_rate > 1e-3) &&
        (filter !== 'cosine<0.3' || row.cosine < 0.3),
    );
    const value = (row: PlainRow) => row[column as 'cosine' | 'assigned'];
    const [known, unknown] = [
      selected.filter((row) => !column || value(row) !== null),
      selected.filter((row) => column && value(row) === null),
    ];
    if (column) known.sort((x, y) => (value(x) as number) - (value(y) as number));
    const inOrder = [...(descending ? known.reverse() : known), ...unknown];
    const sort = column && { column, descending };
    const last = inOrder.length;
    // Far down first: what lies before has not been counted then.
    for (const from of [last - 5, 8190, 0, 100, 8192, last]) {
      expect(await shownOf({ filter, sort }, from, from + 7)).toEqual(keys(inOrder.slice(from, from + 7)));
    }
    const [sae, , feature] = keys(inOrder)[Math.floor(0.6 * last)];
    const first = inOrder.findIndex((row) => row.sae === sae && row.feature === feature);
    expect(await engine.find({ sae: sae as string, feature: feature as number })).toBe(first);
    expect(await engine.random((Math.floor(0.6 * last) + 0.5) / last)).toEqual({ sae, feature });
  });
});
