// Figure: activation-based against decoder-based scores, all features and live ones, each beside its own null.
import * as Plot from '@observablehq/plot';
import type { MetricId } from '../../metrics/registry.js';
import type { GroupResult, MetricResult, Results } from '../../results/results.js';
import { capitalise, plural, range, score } from '../number-format.js';
import { groupName, metricWords, nullWords, openingPlace, placeOf } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { ink, metricColour, nullColour, type Swatch } from './theme.js';

const shown: readonly MetricId[] = [
  'activation.max',
  'activation.max.live',
  'decoder.max',
  'decoder.max.live',
];
const rowHeight = 44;
const width = 468;

interface Row {
  readonly id: MetricId;
  readonly name: string;
  readonly metric: MetricResult;
}

/** One panel per group; absent where no group has any of these scores. */
export function scoresFigure(results: Results): Figure | undefined {
  const groups = results.groups.filter((group) => rowsOf(group).length > 0);
  if (groups.length === 0) return undefined;
  const metrics = groups.flatMap((group) => rowsOf(group).map((row) => row.metric));
  const kinds = new Set(metrics.flatMap((metric) => nullsOf(metric).map((n) => n.kind)));
  const pairs = metrics.map((m) => m.n);
  const saes = groups.map((g) => g.saes.length);
  return figure({
    id: 'scores',
    byGroup: true,
    title: 'Every score beside its own chance level',
    subtitle:
      `Mean over features of the best match in the other SAE, |cosine| from 0 to 1; per group n = ` +
      `${range(Math.min(...saes), Math.max(...saes), String)} SAEs, ` +
      `${range(Math.min(...pairs), Math.max(...pairs), String)} pairs`,
    legend: [
      { label: 'one pair', colour: ink.strong, shape: 'dot' },
      { label: 'mean, 95% interval over SAEs', colour: ink.strong, shape: 'mean' },
      ...[...kinds].map(
        (kind): Swatch => ({ label: nullWords[kind].name, colour: nullColour(kind), shape: 'band' }),
      ),
    ],
    panels: groups.map(scoresPanel),
    columns: 2,
    caption: captionOf(groups),
    alt: altOf(groups),
  });
}

function rowsOf(group: GroupResult): Row[] {
  return shown.flatMap((id) => {
    const metric = group.metrics[id];
    return metric ? [{ id, name: metricWords[id].short, metric }] : [];
  });
}

type MetricNull = NonNullable<MetricResult['null']>;

function nullsOf(metric: MetricResult): MetricNull[] {
  return [...(metric.null ? [metric.null] : []), ...(metric.otherNulls ?? [])];
}

// Each score has a row of height 1, from y = i (top) to y = i + 1: own null over the whole row,
// further nulls in its lower part, pairs in the upper part, mean and interval in the middle.
function scoresPanel(group: GroupResult): Panel {
  const rows = rowsOf(group);
  const bands = rows.flatMap(({ metric }, i) =>
    nullsOf(metric).map((n, at) => ({
      ...n,
      // A band thinner than a pixel would vanish: it is never drawn thinner than its middle line.
      low: Math.max(0, n.low),
      high: Math.min(1, n.high),
      top: i + (at === 0 ? 0.08 : 0.62),
      bottom: i + 0.92,
      colour: nullColour(n.kind),
      own: at === 0,
    })),
  );
  const dots = rows.flatMap(({ id, metric }, i) =>
    metric.pairs.map((pair, p) => ({
      x: pair.value,
      y: i + 0.2 + (0.16 * ((p * 7) % 5)) / 4,
      colour: metricColour(id),
    })),
  );
  const means = rows.map(({ id, metric, name }, i) => ({
    metric,
    name,
    y: i + 0.56,
    colour: metricColour(id),
  }));
  const intervals = means.flatMap(({ metric: { interval }, y, colour }) =>
    interval ? [{ low: Math.max(0, interval.low), high: Math.min(1, interval.high), y, colour }] : [],
  );
  return panel(
    groupName(group),
    {
      width,
      height: rows.length * rowHeight + 40,
      marginLeft: 108,
      marginRight: 108,
      marginTop: 2,
      marginBottom: 36,
      x: { domain: [0, 1], ticks: 6, label: null },
      y: { domain: [0, rows.length], axis: null, reverse: true },
      marks: [
        Plot.ruleY(rows.map((_, i) => i).concat(rows.length), { stroke: ink.faint, strokeWidth: 1 }),
        Plot.axisX({ ticks: 6, color: ink.soft, label: null, tickSize: 4 }),
        Plot.rect(bands, {
          x1: 'low',
          x2: 'high',
          y1: 'top',
          y2: 'bottom',
          fill: 'colour',
          fillOpacity: 0.22,
        }),
        Plot.ruleX(bands, { x: 'mean', y1: 'top', y2: 'bottom', stroke: 'colour', strokeWidth: 1.4 }),
        Plot.dot(dots, { x: 'x', y: 'y', r: 2.5, fill: 'colour', fillOpacity: 0.6 }),
        // Caps are drawn here: Plot's own markers carry ids that count up over the life of the process.
        Plot.ruleY(intervals, { x1: 'low', x2: 'high', y: 'y', stroke: 'colour', strokeWidth: 1.6 }),
        Plot.ruleX(
          intervals.flatMap(({ low, high, y, colour }) => [low, high].map((x) => ({ x, y, colour }))),
          { x: 'x', y1: (d) => d.y - 0.1, y2: (d) => d.y + 0.1, stroke: 'colour', strokeWidth: 1.6 },
        ),
        Plot.dot(means, { x: (m) => m.metric.mean, y: 'y', r: 3.5, fill: 'colour' }),
        Plot.text(means, {
          frameAnchor: 'left',
          y: (_, i) => i + 0.5,
          dx: -8,
          text: 'name',
          textAnchor: 'end',
          fill: ink.strong,
          fontSize: 11.5,
        }),
        Plot.text(means, {
          frameAnchor: 'right',
          y: (_, i) => i + 0.34,
          dx: 12,
          text: (m) => score(m.metric.mean),
          textAnchor: 'start',
          fill: ink.strong,
          fontWeight: 700,
          fontSize: 12,
        }),
        Plot.text(means, {
          frameAnchor: 'right',
          y: (_, i) => i + 0.7,
          dx: 12,
          text: (m) => (m.metric.null ? `chance ${score(m.metric.null.mean)}` : 'no null'),
          textAnchor: 'start',
          fill: ink.soft,
          fontSize: 10.5,
        }),
        Plot.text(['|cosine|, mean of best matches'], {
          frameAnchor: 'bottom',
          dy: 32,
          fill: ink.soft,
          fontSize: 10.5,
        }),
      ],
    },
    plural(group.saes.length, 'SAE') +
      (group.activations ? `, ${distinctOf(group.activations)}` : ', no activations'),
  );
}

/** "113 distinct rows of 12,769"; where rows differ by noise alone, how many do not. */
function distinctOf({ rows, distinctRows, clusters }: NonNullable<GroupResult['activations']>): string {
  const of = `of ${rows.toLocaleString('en-US')}`;
  return clusters === undefined
    ? `${plural(distinctRows, 'distinct row')} ${of}`
    : `about ${plural(Math.round(clusters), 'distinct row')} ${of}, up to noise`;
}

/** Which score stands clear of its own null, and what looking at live features alone changes. */
function captionOf(groups: readonly GroupResult[]): string {
  const jump = groups.filter((g) => {
    const [all, live] = [g.metrics['activation.max'], g.metrics['activation.max.live']];
    return all && live && live.mean > 2 * all.mean;
  });
  const near = groups.filter((g) => (g.metrics['decoder.max']?.corrected ?? 1) < 0.1);
  const sentences = [
    'A score means something only by its distance from its own band, never from another score’s.',
  ];
  if (jump.length > 0) {
    const [first] = jump;
    sentences.push(
      capitalise(
        `${openingPlace(jump, groups)}the activation-based score more than doubles once dead features are left out ` +
          `(${groups.length > 1 ? `${groupName(first)}: ` : ''}${score(first.metrics['activation.max']!.mean)} to ` +
          `${score(first.metrics['activation.max.live']!.mean)}): the low score was made by features that never fire.`,
      ),
    );
  }
  const place = placeOf(near, groups);
  if (near.length > 0) {
    sentences.push(
      `The decoder-based score over all features stays within a tenth of chance${place && ` ${place}`}.`,
    );
  }
  if (jump.length === 0 && near.length === 0) {
    sentences.push(
      'Leaving out dead features changes little here, and no decoder-based score sits at chance.',
    );
  }
  return sentences.join(' ');
}

function altOf(groups: readonly GroupResult[]): string {
  const one = (g: GroupResult) =>
    `${groupName(g)}: ${rowsOf(g)
      .map(({ name, metric }) => {
        const chance = metric.null ? `, chance ${score(metric.null.mean)}` : '';
        return `${name} ${score(metric.mean)}${chance}`;
      })
      .join('; ')}`;
  return `Dot plot of scores and their nulls. ${groups.map(one).join('. ')}.`;
}
