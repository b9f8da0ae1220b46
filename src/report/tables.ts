// The tables of a report as plain cells, the same for HTML and Markdown.
import { metricIds } from '../metrics/registry.js';
import type {
  ClaimResult,
  ClaimValue,
  FiringBandResult,
  GroupResult,
  MetricResult,
  Results,
  SaeResult,
  StabilityResult,
} from '../results/results.js';
import { count, fineScore, percent, plain, range, score } from './number-format.js';
import { describeClaim } from './wording/claim-words.js';
import { familyOf, familyWords, groupName, metricWords, nullWords } from './wording.js';

/** How a cell is marked: for the claim, against it, or open. */
export type Tone = 'good' | 'bad' | 'open';

export interface Cell {
  readonly text: string;
  /** Smaller, under the text. */
  readonly note?: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly name: string;
  readonly numeric?: boolean;
}

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of a row is its header. */
  readonly rows: readonly (readonly Cell[])[];
  /** Titles that stand over some of the rows, each before the row with this index. */
  readonly sections?: readonly { readonly before: number; readonly title: string }[];
}

/** Column and how to fill it; a column that no row can fill is left out. */
export interface Filled<T> extends Column {
  readonly cell: (row: T) => Cell | string | undefined;
}

export function table<T>(caption: string, rows: readonly T[], columns: readonly Filled<T>[]): Table {
  const kept = columns.filter(({ cell }) => rows.some((row) => cell(row) !== undefined));
  return {
    caption,
    columns: kept.map(({ name, numeric }) => ({ name, ...(numeric ? { numeric } : {}) })),
    rows: rows.map((row) =>
      kept.map(({ cell }) => {
        const filled = cell(row) ?? '–';
        return typeof filled === 'string' ? { text: filled } : filled;
      }),
    ),
  };
}

const tones: Record<ClaimResult['verdict'], Tone> = {
  supported: 'good',
  refuted: 'bad',
  inconclusive: 'open',
};

/** Published against measured, and what became of each claim. */
export function claimsTable(results: Results): Table {
  const groups = new Map(results.groups.map((group) => [group.id, group]));
  return table('Claims: as published and as measured here', results.claims ?? [], [
    {
      name: 'Claim',
      cell: (c) => {
        const group = c.group === undefined ? undefined : groups.get(c.group);
        return { text: c.text, ...(group ? { note: groupName(group) } : {}) };
      },
    },
    { name: 'Published', numeric: true, cell: (c) => claimValue(c.published) },
    {
      name: 'Measured',
      numeric: true,
      cell: (c) => (c.measured === undefined ? undefined : claimValue(c.measured)),
    },
    {
      name: 'Same number',
      cell: (c) => {
        if (c.reproduced === undefined) return undefined;
        const within = c.tolerance === undefined ? {} : { note: `within ${plain(c.tolerance)}` };
        return c.reproduced
          ? { text: 'yes', ...within }
          : { text: 'no', ...(within.note ? { note: `not ${within.note}` } : {}) };
      },
    },
    { name: 'Verdict on the claim', cell: (c) => ({ text: c.verdict, tone: tones[c.verdict] }) },
    { name: 'Why', cell: (c) => describeClaim(c, results.groups) },
  ]);
}

function claimValue(value: ClaimValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    return new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 }).format(value);
  }
  return value.map(claimValue).join(', ');
}

/** Every score of a group beside its own null, by family. */
export function metricsTable(group: GroupResult): Table {
  const rows = metricIds.flatMap((id) => {
    const metric = group.metrics[id];
    return metric ? [{ id, metric }] : [];
  });
  const sections = rows.flatMap(({ id }, i) => {
    const family = familyOf(id);
    const first = i === 0 || familyOf(rows[i - 1].id) !== family;
    return first ? [{ before: i, title: familyWords[family] }] : [];
  });
  const scores = table(`Scores, ${groupName(group)}`, rows, [
    { name: 'Score', cell: ({ id }) => ({ text: metricWords[id].name, note: id }) },
    {
      name: 'Mean',
      numeric: true,
      cell: ({ metric }) => ({ text: fineScore(metric.mean), ...spread(metric) }),
    },
    {
      name: '95% interval',
      numeric: true,
      cell: ({ metric: { interval } }) =>
        interval && `${fineScore(interval.low)} to ${fineScore(interval.high)}`,
    },
    {
      name: 'Its own null',
      numeric: true,
      cell: ({ metric }) =>
        metric.null && {
          text: fineScore(metric.null.mean),
          note: `${range(metric.null.low, metric.null.high, fineScore)}, ${nullWords[metric.null.kind].short}`,
        },
    },
    {
      name: 'Corrected',
      numeric: true,
      cell: ({ metric }) => (metric.corrected === undefined ? undefined : score(metric.corrected)),
    },
    {
      name: 'Other nulls',
      numeric: true,
      cell: ({ metric }) =>
        metric.otherNulls?.map((n) => `${fineScore(n.mean)}, ${nullWords[n.kind].short}`).join('; '),
    },
    {
      name: 'Pairs',
      numeric: true,
      cell: ({ metric }) => ({ text: count(metric.n), note: range(metric.min, metric.max, score) }),
    },
    {
      name: 'Left out',
      numeric: true,
      cell: ({ metric }) => (metric.leftOut > 0 ? count(metric.leftOut) : undefined),
    },
  ]);
  return { ...scores, sections };
}

/** How many features of each SAE come back in the others. */
export function stabilityTable(group: GroupResult): Table {
  const share = (name: string, get: (s: StabilityResult) => number): Filled<StabilityResult> => ({
    name,
    numeric: true,
    cell: (s) => ({ text: count(get(s)), note: percent(get(s) / s.scored) }),
  });
  return table(`Features that come back, ${groupName(group)}`, group.stability ?? [], [
    { name: 'SAE', cell: (s) => s.sae },
    { name: 'Features', numeric: true, cell: (s) => count(s.scored) },
    share('Significant in every other SAE', (s) => s.inEvery),
    {
      name: 'by the whole sphere',
      numeric: true,
      cell: (s) =>
        s.inEverySphere === undefined
          ? undefined
          : { text: count(s.inEverySphere), note: percent(s.inEverySphere / s.scored) },
    },
    share('|cosine| ≥ 0.7 in every other', (s) => s.inEvery07),
    share('|cosine| ≥ 0.9 in every other', (s) => s.inEvery09),
    share('Significant in none', (s) => s.inNone),
  ]);
}

/** Which features come back, by how often they fire. */
export function firingTable(group: GroupResult): Table {
  const bands = group.byFiring ?? [];
  const rates = (band: FiringBandResult) => {
    if (band.from === 0) return 'never';
    const below = band.from < 0.1 ? ` to ${percent(10 * band.from)}` : ' or more';
    return band.from <= 1e-4 ? `less than ${percent(10 * band.from)}` : `${percent(band.from)}${below}`;
  };
  const share = (name: string, get: (band: FiringBandResult) => number): Filled<FiringBandResult> => ({
    name,
    numeric: true,
    cell: (band) => ({ text: percent(get(band) / band.features), note: count(get(band)) }),
  });
  return table(`Features that come back, by how often they fire, ${groupName(group)}`, bands, [
    { name: 'Fire on', cell: rates },
    { name: 'Features, all SAEs', numeric: true, cell: (band) => count(band.features) },
    share('Significant in every other SAE', (band) => band.inEvery),
    share('|cosine| ≥ 0.7 in every other', (band) => band.inEvery07),
  ]);
}

function spread({ sd }: MetricResult): { note?: string } {
  return sd === undefined ? {} : { note: `SD ${fineScore(sd)}` };
}

/** A column of numbers of the weights of an SAE. */
const ofWeights = (
  name: string,
  get: (w: NonNullable<SaeResult['weights']>) => string | undefined,
): Filled<SaeResult> => ({ name, numeric: true, cell: (s) => s.weights && get(s.weights) });

/** A column of counts of an SAE. */
const countOf = (name: string, get: (s: SaeResult) => number | undefined): Filled<SaeResult> => ({
  name,
  numeric: true,
  cell: (s) => {
    const value = get(s);
    return value === undefined ? undefined : count(value);
  },
});

const seedOf = (name: string, get: (s: SaeResult) => number | undefined): Filled<SaeResult> => ({
  name,
  numeric: true,
  cell: (s) => get(s)?.toString(),
});

/** Every SAE: where it comes from, what of it is used, how it looks and how well it reconstructs. */
export function saesTable(saes: readonly SaeResult[]): Table {
  return table('SAEs', saes, [
    { name: 'SAE', cell: (s) => ({ text: s.id, note: `${s.architecture}, ${s.format}` }) },
    seedOf('Init seed', (s) => s.initSeed),
    seedOf('Order seed', (s) => s.orderSeed),
    countOf('Features', (s) => s.dSae),
    {
      name: 'Live',
      numeric: true,
      cell: (s) =>
        s.usage.live === undefined
          ? undefined
          : { text: count(s.usage.live), note: percent(s.usage.live / s.dSae) },
    },
    countOf('Dead by firing', (s) => s.usage.deadByFiring),
    countOf('Dead by norm', (s) => s.usage.deadByNorm),
    {
      name: 'Cosine with own init',
      numeric: true,
      cell: (s) => s.init && { text: score(s.init.cosineMedian), ...liveAndDead(s.init) },
    },
    {
      name: 'Decoder norm',
      numeric: true,
      cell: (s) =>
        s.weights && {
          text: score(s.weights.decoder.normMean),
          note: range(s.weights.decoder.normMin, s.weights.decoder.normMax, score),
        },
    },
    ofWeights('Norm SD', (w) => score(w.decoder.normStd)),
    ofWeights('Decoder SD', (w) => fineScore(w.decoder.std)),
    ofWeights('Encoder SD', (w) => w.encoder && fineScore(w.encoder.std)),
    {
      name: 'Not finite',
      numeric: true,
      cell: ({ numerics: { nan, inf } }) => (nan + inf > 0 ? count(nan + inf) : undefined),
    },
    { name: 'Explained variance', numeric: true, cell: (s) => s.fit && score(s.fit.explainedVariance) },
    { name: 'MSE', numeric: true, cell: (s) => s.fit && plain(s.fit.mse) },
    { name: 'Active per row', numeric: true, cell: (s) => s.fit && plain(s.fit.l0) },
  ]);
}

function liveAndDead(init: NonNullable<SaeResult['init']>): { note?: string } {
  const { cosineMedianLive: live, cosineMedianDead: dead } = init;
  const parts = [
    ...(live === undefined ? [] : [`live\u00a0${score(live)}`]),
    ...(dead === undefined ? [] : [`dead\u00a0${score(dead)}`]),
  ];
  return parts.length > 0 ? { note: parts.join(', ') } : {};
}
