// Figure: scores of decoders and of codes along an axis of the study, as they are beside their nulls, and corrected.
import * as Plot from '@observablehq/plot';
import type { MetricId } from '../../metrics/registry.js';
import type { GroupResult, MetricResult, Results } from '../../results/results.js';
import { plain, score } from '../number-format.js';
import { type Axis, axesOf, axisValue, valueText } from '../settings-text.js';
import { shortNames } from '../short-names.js';
import { groupName, metricWords, nullWords } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { ink, metricColour, nullColour } from './theme.js';

const families = {
  'Decoder directions': ['decoder.max', 'decoder.max.live'],
  Codes: ['activation.max', 'activation.max.live'],
} as const satisfies Record<string, readonly MetricId[]>;
const shown: readonly MetricId[] = [...families['Decoder directions'], ...families.Codes];

/** More rows of panels than this nobody compares. */
const mostRows = 8;
const width = 303;
const height = 214;

/** What one group gives one score. */
interface Point {
  readonly x: string | number;
  readonly id: MetricId;
  readonly metric: MetricResult;
}

/** Groups that differ along the axis alone. */
interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** One row of panels for each site and each combination of the other axes; absent where there is no axis to draw. */
export function alongAxisFigure(results: Results): Figure | undefined {
  const [axis] = axesOf(results.groups.flatMap(({ settings }) => settings ?? []));
  if (!axis) return undefined;
  const all = seriesOf(results.groups, axis);
  if (all.length === 0) return undefined;
  const series = all.slice(0, mostRows);
  const nulls = new Set(
    series.flatMap(({ points }) => points.flatMap(({ metric }) => metric.null?.kind ?? [])),
  );
  return figure({
    id: 'along-axis',
    title: axis.numeric ? `Scores along ${withArticle(axis)}` : `Scores by ${axis.name}`,
    subtitle:
      'Mean over features of the best match in the other SAE, |cosine|, with 95% intervals over SAEs; on the right ' +
      `corrected for chance, 0 at chance and 1 at full agreement; ${pairsText(series)}`,
    legend: [
      { label: 'decoder, live features', colour: metricColour('decoder.max'), shape: 'dot' },
      { label: 'codes, live features', colour: metricColour('activation.max'), shape: 'dot' },
      { label: 'thin, open: all features', colour: ink.soft, shape: 'ring' },
      ...[...nulls].map((kind) => ({
        label: `null: ${nullWords[kind].short}`,
        colour: nullColour(kind),
        shape: 'band' as const,
      })),
    ],
    panels: series.flatMap((one) => panelsOf(one, axis)),
    columns: 3,
    caption: captionOf(series, axis, all.length),
    alt: altOf(series, axis),
  });
}

function withArticle({ id, name }: Axis): string {
  return id === 'k' ? name : `the ${name}`;
}

function seriesOf(groups: readonly GroupResult[], axis: Axis): Series[] {
  const byPlace = new Map<string, { name: string; points: Point[]; at: Set<string | number> }>();
  for (const group of groups) {
    const x = group.settings && axisValue(group.settings, axis.id);
    if (x === undefined) continue;
    const { name, place } = placeBeside(group, axis, x);
    const one = byPlace.get(place) ?? { name, points: [], at: new Set() };
    byPlace.set(place, one);
    one.at.add(x);
    for (const id of shown) {
      const metric = group.metrics[id];
      if (metric) one.points.push({ x, id, metric });
    }
  }
  return [...byPlace.values()].filter(({ points, at }) => at.size > 1 && points.length > 0);
}

/** The group without its value on the axis: what the other groups of its row have in common with it. */
function placeBeside(group: GroupResult, axis: Axis, x: string | number): { name: string; place: string } {
  const label = (group.label ?? '')
    .split(' · ')
    .filter((part) => part !== '' && part !== valueText(axis, x))
    .join(' · ');
  const { label: _, ...unlabelled } = group;
  const place = groupName({ ...unlabelled, id: '', ...(label === '' ? {} : { label }) });
  return { name: place === '' ? 'all groups' : place, place };
}

function panelsOf({ name, points }: Series, axis: Axis): Panel[] {
  const own = Object.entries(families).map(([family, ids]) => {
    const some = points.filter(({ id }) => (ids as readonly MetricId[]).includes(id));
    return panel(family, optionsOf(axis, some, rawMarks(some, axis)), name);
  });
  const corrected = points.flatMap((point) => {
    const { corrected: y, null: null_, interval } = point.metric;
    if (y === undefined || !null_) return [];
    const scaled = (value: number) => (value - null_.mean) / (1 - null_.mean);
    return [{ ...point, y, ...(interval ? { low: scaled(interval.low), high: scaled(interval.high) } : {}) }];
  });
  const chance = Plot.ruleY([0], { stroke: ink.strong, strokeWidth: 1 });
  const last = panel(
    'Corrected',
    optionsOf(axis, points, [chance, ...scoreMarks(corrected, axis)], true),
    name,
  );
  return [...own, last];
}

interface Drawn extends Point {
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

function rawMarks(points: readonly Point[], axis: Axis): Plot.Markish[] {
  const nulls = points.flatMap(({ x, id, metric }) => (metric.null ? [{ x, id, ...metric.null }] : []));
  const kinds = [...new Set(nulls.map(({ kind, id }) => `${id} ${kind}`))];
  const bands = kinds.flatMap((name) => {
    const some = nulls.filter(({ kind, id }) => `${id} ${kind}` === name);
    const colour = nullColour(some[0].kind);
    return [
      ...(axis.numeric
        ? [
            Plot.areaY(some, { x: 'x', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.22 }),
            Plot.lineY(some, {
              x: 'x',
              y: 'mean',
              stroke: colour,
              strokeWidth: isLive(some[0].id) ? 1.6 : 0.9,
              strokeDasharray: '3 3',
            }),
          ]
        : [
            Plot.ruleX(some, {
              x: 'x',
              y1: 'low',
              y2: 'high',
              stroke: colour,
              strokeOpacity: 0.3,
              strokeWidth: 10,
            }),
          ]),
      Plot.dot(some, { x: 'x', y: 'mean', r: 1.8, fill: colour }),
    ];
  });
  const drawn = points.map((point): Drawn => {
    const { mean: y, interval } = point.metric;
    return { ...point, y, ...(interval ? { low: interval.low, high: interval.high } : {}) };
  });
  return [...bands, ...scoreMarks(drawn, axis)];
}

function scoreMarks(points: readonly Drawn[], axis: Axis): Plot.Markish[] {
  return shown.flatMap((id) => {
    const some = points.filter((point) => point.id === id);
    if (some.length === 0) return [];
    const colour = metricColour(id);
    const live = isLive(id);
    const intervals = some.filter(({ low }) => low !== undefined);
    return [
      // Names have no order that a line could follow.
      ...(axis.numeric
        ? [Plot.lineY(some, { x: 'x', y: 'y', stroke: colour, strokeWidth: live ? 2 : 1 })]
        : []),
      Plot.ruleX(intervals, {
        x: 'x',
        y1: (p: Drawn) => clamp(p.low as number),
        y2: (p: Drawn) => clamp(p.high as number),
        stroke: colour,
        strokeWidth: live ? 1.6 : 1,
      }),
      Plot.dot(some, {
        x: 'x',
        y: 'y',
        r: live ? 3.6 : 2.8,
        fill: live ? colour : 'var(--fig-paper, #ffffff)',
        stroke: colour,
        strokeWidth: 1.2,
      }),
    ];
  });
}

function isLive(id: MetricId): boolean {
  return id.endsWith('.live');
}

/** Within the panel. */
function clamp(y: number): number {
  return Math.max(-0.1, Math.min(1, y));
}

function optionsOf(
  axis: Axis,
  points: readonly Point[],
  marks: Plot.Markish[],
  corrected = false,
): Plot.PlotOptions & { width: number; height: number } {
  const values = axis.values;
  const names = axis.numeric ? [] : tickNames(values.map(String));
  const lowest = Math.min(0, ...points.map(({ metric }) => metric.corrected ?? 0));
  const crowded = !axis.numeric && Math.max(...names.map((name) => name.length)) * values.length > 34;
  const numbers = values.filter((v): v is number => typeof v === 'number');
  const wide = axis.numeric && numbers[0] > 0 && (numbers.at(-1) as number) / numbers[0] >= 8;
  return {
    width,
    height: height + (crowded ? 36 : 0),
    marginLeft: 36,
    marginRight: 14,
    marginTop: 8,
    marginBottom: crowded ? 76 : 40,
    x: {
      ...(axis.numeric
        ? { type: wide ? ('log' as const) : ('linear' as const), domain: padded(numbers, wide) }
        : { type: 'point' as const, domain: [...values], padding: 0.4 }),
      label: null,
    },
    y: { domain: [corrected ? Math.max(-0.1, Math.min(0, lowest)) : 0, 1], label: null },
    marks: [
      Plot.gridY({ ticks: 5, stroke: ink.faint, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 5, color: ink.soft, label: null, tickSize: 0 }),
      Plot.axisX(axis.numeric ? fewTicks(numbers) : [...values], {
        // As text, not as a format: on a log scale Plot leaves out formatted ticks that it finds too many.
        text: (v: number | string) => (typeof v === 'number' ? plain(v) : names[values.indexOf(v)]),
        ...(crowded ? { tickRotate: -42, textAnchor: 'end' as const } : {}),
        color: ink.soft,
        label: null,
        tickSize: 4,
      }),
      ...marks,
      Plot.text(axis.numeric ? [axis.name] : [], {
        frameAnchor: 'bottom',
        dy: 33,
        fill: ink.soft,
        fontSize: 10.5,
      }),
    ],
  };
}

/** Characters for which there is room under an axis. */
const longestName = 14;

/** Names that fit under the ticks: by their beginnings, where those tell them apart. */
function tickNames(names: readonly string[]): string[] {
  const heads = names.map((name) =>
    name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name,
  );
  return new Set(heads).size === names.length ? heads : shortNames(names, longestName);
}

/** Room on both sides, so that no point lies on the edge. */
function padded(numbers: readonly number[], wide: boolean): [number, number] {
  const [low, high] = [numbers[0], numbers.at(-1) as number];
  if (wide) {
    const by = (high / low) ** 0.06;
    return [low / by, high * by];
  }
  const by = 0.06 * (high - low);
  return [low - by, high + by];
}

/** Every value where there is room for their numbers, else some of them. */
function fewTicks(numbers: readonly number[]): number[] {
  const step = Math.ceil(numbers.length / 7);
  return numbers.filter((_, i) => i % step === 0);
}

function pairsText(series: readonly Series[]): string {
  const n = [...new Set(series.flatMap(({ points }) => points.map(({ metric }) => metric.n)))].sort(
    (a, b) => a - b,
  );
  return `n = ${n.length > 1 ? `${n[0]}–${n.at(-1)}` : n[0]} pairs a point`;
}

/** How the corrected scores of live features go from one end to the other, of names from the lowest to the highest; and where the two kinds part. */
function captionOf(series: readonly Series[], axis: Axis, rows: number): string {
  const sentences = series.slice(0, 3).flatMap(({ name, points }) => {
    const moves = (['decoder.max.live', 'activation.max.live'] as const).flatMap((id) => {
      const own = points.filter((point) => point.id === id && point.metric.corrected !== undefined);
      if (own.length < 2) return [];
      const inOrder = axis.values.flatMap((x) => own.find((point) => point.x === x) ?? []);
      const sorted = axis.numeric ? inOrder : [...inOrder].sort((a, b) => correctedOf(a) - correctedOf(b));
      const [first, last] = [sorted[0], sorted[sorted.length - 1]];
      return [
        `the ${metricWords[id].name} is ${score(correctedOf(first))} at ${valueText(axis, first.x)} and ` +
          `${score(correctedOf(last))} at ${valueText(axis, last.x)}`,
      ];
    });
    if (moves.length === 0) return [];
    const where = series.length > 1 ? `At ${name}, corrected` : 'Corrected';
    return [`${where} for chance, ${moves.join('; ')}.`];
  });
  const apart = series
    .flatMap(({ name, points }) =>
      axis.values.flatMap((x) => {
        const at = (id: MetricId) => points.find((p) => p.id === id && p.x === x)?.metric.corrected;
        const [d, a] = [at('decoder.max.live'), at('activation.max.live')];
        return d === undefined || a === undefined ? [] : [{ name, x, d, a }];
      }),
    )
    .sort((one, two) => Math.abs(two.d - two.a) - Math.abs(one.d - one.a))[0];
  if (apart) {
    const where = series.length > 1 ? `${apart.name}, ` : '';
    sentences.push(
      `The two are furthest apart at ${where}${valueText(axis, apart.x)}: decoders ${score(apart.d)}, codes ${score(apart.a)}.`,
    );
  }
  if (rows > series.length) sentences.push(`${rows - series.length} more rows are in the table.`);
  return sentences.length > 0
    ? sentences.join(' ')
    : 'No score of live features could be corrected for chance.';
}

function correctedOf({ metric }: Point): number {
  return metric.corrected as number;
}

function altOf(series: readonly Series[], axis: Axis): string {
  const told = series.map(({ name, points }) => {
    const values = points
      .filter(({ id }) => isLive(id))
      .map(({ x, id, metric }) => `${metricWords[id].short} ${score(metric.mean)} at ${valueText(axis, x)}`);
    return `${name}: ${values.join('; ')}`;
  });
  return `Lines of scores along ${withArticle(axis)}, beside their nulls and corrected. ${told.join('. ')}.`;
}
