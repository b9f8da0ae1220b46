// Figure: seed × seed matrices of the decoder-based score and of the activation-based score of live features.
import * as Plot from '@observablehq/plot';
import type { MetricId } from '../../metrics/registry.js';
import type { GroupResult, MetricResult, Results, SaeResult } from '../../results/results.js';
import { list, plural, range, score } from '../number-format.js';
import { shortNames } from '../short-names.js';
import { groupName, metricWords } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { heatColour, ink } from './theme.js';

const shown: readonly MetricId[] = ['decoder.max', 'activation.max.live'];

/** Numbers are written into cells up to this many SAEs; beyond it the shade has to do. */
const mostWithNumbers = 10;

/** Two panels per group (one where the other score is missing); absent where there are no pairs. */
export function pairsFigure(results: Results): Figure | undefined {
  const saes = new Map(results.saes.map((sae) => [sae.id, sae]));
  const metrics = results.groups.flatMap((group) =>
    shown.flatMap((id) => {
      const metric = group.metrics[id];
      return metric ? [{ group, id, metric }] : [];
    }),
  );
  if (metrics.length === 0) return undefined;
  const names = new Map(results.groups.map((group) => [group.id, memberNames(group, saes)]));
  const panels = metrics.map(({ group, id, metric }) =>
    matrixPanel(group, id, metric, names.get(group.id)!.short),
  );
  const labels = metrics.every((m) => names.get(m.group.id)!.seeds) ? '; labelled by init seed' : '';
  const counts = metrics.map(({ metric }) => metric.n);
  const both = metrics.some((m) => m.id === shown[0]) && metrics.some((m) => m.id === shown[1]);
  const wide = Math.max(...panels.map((p) => p.width));
  return figure({
    id: 'pairs',
    byGroup: true,
    title: 'Every pair of SAEs',
    subtitle:
      `Mean |cosine| of best matches, 0 (pale) to 1 (full colour), both ways round averaged; ` +
      `n = ${range(Math.min(...counts), Math.max(...counts), String)} pair${Math.max(...counts) === 1 ? '' : 's'} per matrix${labels}`,
    legend: [],
    panels,
    columns: both ? (wide > 300 ? 2 : 4) : wide > 300 ? 2 : 3,
    caption: captionOf(
      metrics.map((m) => m.metric),
      metrics.map((m) => `${groupName(m.group)}, ${m.id}`),
    ),
    alt: `Heat maps. ${metrics
      .map(
        (m) =>
          `${groupName(m.group)}, ${metricWords[m.id].name}: ${score(m.metric.min)} to ${score(m.metric.max)}`,
      )
      .join('. ')}.`,
  });
}

function matrixPanel(
  group: GroupResult,
  id: MetricId,
  metric: MetricResult,
  names: Map<string, string>,
): Panel {
  const members = group.saes.map((sae) => names.get(sae)!);
  const n = members.length;
  const longest = Math.max(...members.map((m) => m.length));
  const left = 14 + 6.6 * longest;
  const cell = n > mostWithNumbers ? 16 : 38;
  const height = Math.min(cell, 30);
  const cells = metric.pairs.flatMap(({ a, b, value }) => [
    { x: names.get(a)!, y: names.get(b)!, value },
    { x: names.get(b)!, y: names.get(a)!, value },
  ]);
  const own = members.map((name) => ({ x: name, y: name }));
  // Column names stand upright where they would run into each other.
  const turned = longest * 6.6 > cell;
  const top = turned ? left : 20;
  return panel(
    groupName(group),
    {
      width: Math.max(Math.ceil(left + n * cell + 4), 216),
      height: Math.ceil(top + n * height + 4),
      marginLeft: left,
      marginTop: top,
      marginRight: Math.max(4, 216 - Math.ceil(left + n * cell)),
      marginBottom: 4,
      x: {
        domain: members,
        padding: 0.05,
        axis: 'top',
        tickSize: 0,
        label: null,
        tickRotate: turned ? -90 : 0,
      },
      y: { domain: members, padding: 0.05, tickSize: 0, label: null },
      marks: [
        Plot.cell(own, { x: 'x', y: 'y', fill: 'none', stroke: ink.faint }),
        Plot.cell(cells, {
          x: 'x',
          y: 'y',
          fill: heatColour,
          // At most 0.6, so that the number on top stays readable on light and on dark paper.
          fillOpacity: (d) => 0.04 + 0.56 * Math.max(0, Math.min(1, d.value)),
          stroke: ink.faint,
          strokeWidth: 0.5,
        }),
        ...(n > mostWithNumbers
          ? []
          : [
              Plot.text(cells, {
                x: 'x',
                y: 'y',
                text: (d) => score(d.value),
                fill: ink.strong,
                fontSize: 10,
              }),
            ]),
      ],
    },
    `${metricWords[id].short}: mean ${score(metric.mean)}`,
  );
}

interface Names {
  /** By id. */
  readonly short: Map<string, string>;
  /** The names are init seeds. */
  readonly seeds: boolean;
}

/** The init seed where seeds tell the SAEs of a group apart, else the id, cut short. */
function memberNames(group: GroupResult, saes: ReadonlyMap<string, SaeResult>): Names {
  const seeds = group.saes.map((id) => saes.get(id)?.initSeed);
  const telling = seeds.every((s) => s !== undefined) && new Set(seeds).size === seeds.length;
  const cut = shortNames(group.saes, 14);
  const name = (i: number) => (telling ? String(seeds[i]) : cut[i]);
  return { short: new Map(group.saes.map((id, i) => [id, name(i)])), seeds: telling };
}

/** Whether any pair stands out: a pair far from the others means that two runs are not like the rest. */
function captionOf(metrics: readonly MetricResult[], names: readonly string[]): string {
  const spread = metrics.map((m) => m.max - m.min);
  const odd = metrics.flatMap((m, i) => {
    if (!m.sd || m.n < 6) return [];
    const far = m.pairs.filter((p) => Math.abs(p.value - m.mean) > Math.max(3 * m.sd!, 0.05));
    return far.map((p) => `${p.a} with ${p.b} (${names[i]}: ${score(p.value)})`);
  });
  const widest = spread.indexOf(Math.max(...spread));
  if (odd.length > 0) {
    return `Some pairs stand apart from the rest: ${list(odd)}. Look at those runs before averaging over them.`;
  }
  if (metrics.every((m) => m.n === 1)) {
    return `There is ${plural(1, 'pair')} per score, so nothing can be said about how much pairs differ.`;
  }
  return (
    `No pair stands apart from the rest: the widest spread is ${score(spread[widest])} (${names[widest]}), so the ` +
    'mean speaks for every pair and no single seed makes the result.'
  );
}
