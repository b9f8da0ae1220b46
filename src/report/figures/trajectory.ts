// Figure: agreement over training, corrected for chance, and how far the directions have left their start.

import * as Plot from '@observablehq/plot';
import { defined } from '../../defined.js';
import { followedMetrics } from '../../evidence/trajectory.js';
import { correctForChance } from '../../metrics/nulls/null.js';
import { type MetricId, metricIds } from '../../metrics/registry.js';
import type { GroupResult, Results, TrajectoryResult } from '../../results/results.js';
import { count, plural, range, score } from '../number-format.js';
import { trajectoryWords } from '../wording/trajectory-words.js';
import { groupName, metricWords } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { deadColour, ink, metricColour, metricDash } from './theme.js';

const width = 468;
const height = 236;

type Group = GroupResult & { readonly trajectory: TrajectoryResult };

/** One panel per group that was followed; absent where none was. */
export function trajectoryFigure(results: Results): Figure | undefined {
  const groups = results.groups.filter(
    (group): group is Group => (group.trajectory?.points.length ?? 0) > 1 && metricsOf(group).length > 0,
  );
  if (groups.length === 0) return undefined;
  const metrics = metricIds.filter((id) => groups.some((group) => metricsOf(group).includes(id)));
  const saes = groups.map((g) => g.saes.length);
  const snapshots = groups.map((g) => g.trajectory.points.length);
  return figure({
    id: 'trajectory',
    title: 'Agreement over training',
    subtitle:
      'Scores corrected for chance (0 at their null of that step, 1 at full agreement) against optimiser steps, on a ' +
      'scale of doublings; shaded: 95% interval over SAEs; per group n = ' +
      `${range(Math.min(...saes), Math.max(...saes), String)} SAEs, ` +
      `${range(Math.min(...snapshots), Math.max(...snapshots), String)} snapshots`,
    legend: [
      ...metrics.map((id) => {
        const dash = metricDash[id];
        return {
          label: metricWords[id].short,
          colour: metricColour(id),
          shape: 'course' as const,
          ...defined({ dash }),
        };
      }),
      ...(groups.some((g) => g.trajectory.points.some((p) => p.initCosine !== undefined))
        ? [{ label: 'cosine with the start', colour: deadColour, shape: 'course' as const }]
        : []),
    ],
    panels: groups.map(trajectoryPanel),
    columns: 2,
    caption: captionOf(groups),
    alt: groups.map(altOf).join(' '),
  });
}

function metricsOf({ trajectory }: GroupResult): MetricId[] {
  return followedMetrics.filter((id) =>
    trajectory?.points.some(({ metrics }) => metrics[id]?.corrected !== undefined),
  );
}

function trajectoryPanel(group: Group): Panel {
  const { points, judgements } = group.trajectory;
  const first = points.find(({ step }) => step > 0)?.step ?? 1;
  // Step 0 has no logarithm; it stands one doubling before the first step.
  const place = (step: number) => (step > 0 ? Math.log2(step) : Math.log2(first) - 1);
  const lines = metricsOf(group).map((id) => ({
    id,
    at: points.flatMap(({ step, metrics }) => {
      const found = metrics[id];
      if (found?.corrected === undefined || !found.null) return [];
      const { mean: chance } = found.null;
      const { low, high } = found.interval ?? { low: found.mean, high: found.mean };
      return {
        x: place(step),
        y: clip(found.corrected),
        low: clip(correctForChance(low, chance)),
        high: clip(correctForChance(high, chance)),
      };
    }),
  }));
  const start = points.flatMap(({ step, initCosine }) =>
    initCosine === undefined ? [] : [{ x: place(step), y: clip(initCosine) }],
  );
  const lowest = Math.min(-0.05, ...lines.flatMap(({ at }) => at.map(({ y }) => y)));
  const every = Math.max(1, Math.ceil(points.length / 9));
  const ticks = points.filter((_, i) => (points.length - 1 - i) % every === 0);
  const ends = spread(
    lines.flatMap(({ id, at }) => {
      const last = at.at(-1);
      const judged = judgements.find(({ metric }) => metric === id);
      return last ? [{ id, y: last.y, text: judged ? trajectoryWords[judged.verdict] : score(last.y) }] : [];
    }),
    (1 - lowest) * 0.075,
  );
  return panel(groupName(group), {
    width,
    height,
    marginLeft: 34,
    marginRight: 126,
    marginTop: 8,
    marginBottom: 38,
    x: { domain: [place(points[0].step), place(points[points.length - 1].step)], label: null },
    y: { domain: [lowest, 1], label: null },
    marks: [
      Plot.axisY({ ticks: 5, color: ink.soft, label: null, tickSize: 4 }),
      Plot.axisX(
        ticks.map(({ step }) => place(step)),
        {
          color: ink.soft,
          label: null,
          tickSize: 4,
          tickFormat: (x: number) => tickLabel(points.find(({ step }) => place(step) === x)!.step),
        },
      ),
      Plot.ruleY([0], { stroke: ink.soft, strokeWidth: 1 }),
      ...lines.map(({ id, at }) =>
        Plot.areaY(at, { x: 'x', y1: 'low', y2: 'high', fill: metricColour(id), fillOpacity: 0.14 }),
      ),
      Plot.line(start, { x: 'x', y: 'y', stroke: deadColour, strokeWidth: 1.5 }),
      ...lines.map(({ id, at }) =>
        Plot.line(at, {
          x: 'x',
          y: 'y',
          stroke: metricColour(id),
          strokeWidth: 2,
          ...(metricDash[id] ? { strokeDasharray: metricDash[id] } : {}),
        }),
      ),
      ...lines.map(({ id, at }) => Plot.dot(at, { x: 'x', y: 'y', r: 2, fill: metricColour(id) })),
      Plot.text(ends, {
        frameAnchor: 'right',
        y: 'place',
        dx: 10,
        text: (d) => `${metricWords[d.id as MetricId].short}:`,
        textAnchor: 'start',
        fill: (d) => metricColour(d.id),
        fontSize: 10,
        dy: -5,
      }),
      Plot.text(ends, {
        frameAnchor: 'right',
        y: 'place',
        dx: 10,
        dy: 6,
        text: 'text',
        textAnchor: 'start',
        fill: ink.strong,
        fontSize: 10,
        fontWeight: 700,
      }),
      Plot.text(['optimiser steps'], { frameAnchor: 'bottom', dy: 34, fill: ink.soft, fontSize: 10.5 }),
    ],
  });
}

const clip = (value: number): number => Math.max(-0.5, Math.min(1, value));

/** "512", "4k", "65k": short enough to stand beside each other. */
function tickLabel(step: number): string {
  return step < 1000 ? String(step) : `${count(Math.round(step / 1000))}k`;
}

/** Moves labels apart that would lie on each other; each is `apart` × 2 high, and none leaves the panel at the top. */
function spread<T extends { readonly y: number }>(
  labels: readonly T[],
  apart: number,
): (T & { place: number })[] {
  const sorted = labels.map((label) => ({ ...label, place: label.y })).sort((a, b) => b.y - a.y);
  let above = 1 + apart;
  for (const label of sorted) {
    label.place = Math.min(label.place, above - 2 * apart);
    above = label.place;
  }
  // Those that were pushed out at the bottom push back up.
  let below = Math.min(0, ...labels.map(({ y }) => y)) - apart * 0.5;
  for (const label of sorted.reverse()) {
    label.place = Math.max(label.place, below + apart);
    below = label.place + apart;
  }
  return sorted;
}

/** What the scores say about training longer, the same words for groups of which the same is true. */
function captionOf(groups: readonly Group[]): string {
  const all = groups.flatMap((group) =>
    group.trajectory.judgements.filter(({ metric }) => followedMetrics.includes(metric)),
  );
  const number = (verdict: (typeof all)[number]['verdict']) =>
    all.filter((judged) => judged.verdict === verdict).length;
  const told = [
    [number('unfinished'), 'still rising at the end: more training would raise them'],
    [number('settled'), 'settled beyond chance'],
    [number('never'), 'at chance and flat while the loss is flat: more training would not change that'],
    [number('falling'), 'falling: training takes away agreement that was there'],
    [number('undecided'), 'undecided'],
  ] as const;
  const parts = told.flatMap(([n, words]) => (n > 0 ? [`${n} ${words}`] : []));
  return parts.length > 0
    ? `Of ${plural(all.length, 'score')} over training: ${parts.join('; ')}.`
    : 'Too little is known about the end of training to say whether more of it would help.';
}

function altOf(group: Group): string {
  const { points, judgements } = group.trajectory;
  const told = metricsOf(group).map((id) => {
    const [from, to] = [points[0], points[points.length - 1]].map(({ metrics }) => metrics[id]?.corrected);
    const judged = judgements.find(({ metric }) => metric === id);
    const course =
      from !== undefined && to !== undefined ? `from ${score(from)} to ${score(to)}` : 'on part of the way';
    return `${metricWords[id].short} ${course}${judged ? `, ${trajectoryWords[judged.verdict]}` : ''}`;
  });
  return `Line plot for ${groupName(group)}, steps ${points[0].step} to ${points[points.length - 1].step}: ${told.join('; ')}.`;
}
