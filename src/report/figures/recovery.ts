// Figure: does a score, corrected for chance, give the planted overlap back? One panel a score, one line a condition.

import * as Plot from '@observablehq/plot';
import { defined } from '../../defined.js';
import { correctForChance } from '../../metrics/nulls/null.js';
import type { MetricId } from '../../metrics/registry.js';
import type { Results } from '../../results/results.js';
import { plural, score } from '../number-format.js';
import { type Condition, type Recovery, recoveryOf } from '../recovery.js';
import { describeRecovery } from '../wording/truth-words.js';
import { metricWords } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { conditionLine, ink } from './theme.js';

const size = 220;
/** Panels beyond this many are left to the tables. */
const mostPanels = 9;

/** Absent where no truth is known at more than one overlap. */
export function recoveryFigure(results: Results): Figure | undefined {
  const recovery = recoveryOf(results);
  if (!recovery || recovery.scores.length === 0) return undefined;
  const { conditions, scores } = recovery;
  const groups = conditions.reduce((n, condition) => n + condition.groups.length, 0);
  const [{ groups: first }] = conditions;
  return figure({
    id: 'recovery',
    title: 'Which score gives the known overlap back?',
    subtitle:
      'Score corrected for chance against the share of true features that the worlds of the SAEs have in common; ' +
      'scores that rise first, then by error; open rings: the share of features that pairs of SAEs truly recovered in ' +
      `common; bars: 95% interval over SAEs; n = ${plural(groups, 'group')} of ${first[0].saes.length} SAEs`,
    legend: [
      ...conditions.map(({ label }, i) => ({
        label: label || 'corrected score',
        ...conditionLine(i),
        shape: 'course' as const,
      })),
      { label: 'what a perfect score reads', colour: ink.soft, shape: 'course', dash: '4 3' },
    ],
    panels: scores.slice(0, mostPanels).map(([id]) => recoveryPanel(id, recovery)),
    columns: 3,
    caption: describeRecovery(scores),
    alt: scores
      .map(
        ([id, { error, rises }]) =>
          `${metricWords[id].short}: off by ${score(error)}, ${rises ? 'rises' : 'does not rise throughout'} with the overlap.`,
      )
      .join(' '),
  });
}

function recoveryPanel(id: MetricId, { conditions, scores }: Recovery): Panel {
  const lines = conditions.map((condition, i) => ({
    points: pointsOf(id, condition),
    ...conditionLine(i),
  }));
  const points = lines.flatMap(({ points: of, colour }) => of.map((point) => ({ ...point, colour })));
  const lowest = Math.min(-0.05, ...points.map(({ low }) => Math.max(-0.3, low)));
  const found = scores.find(([metric]) => metric === id)![1];
  return panel(
    metricWords[id].short,
    {
      width: size,
      height: size,
      marginLeft: 34,
      marginRight: 8,
      marginTop: 6,
      marginBottom: 36,
      x: { domain: [0, 1], label: null },
      y: { domain: [lowest, 1.02], label: null },
      marks: [
        Plot.axisX({ ticks: 5, color: ink.soft, label: null, tickSize: 4 }),
        Plot.axisY({ ticks: 5, color: ink.soft, label: null, tickSize: 4 }),
        Plot.ruleY([0], { stroke: ink.faint }),
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: ink.soft, strokeDasharray: '4 3' },
        ),
        Plot.ruleX(points, { x: 'x', y1: 'low', y2: 'high', stroke: 'colour', strokeWidth: 1.4 }),
        ...lines.map(({ points: of, colour, dash }) =>
          Plot.line(of, {
            x: 'x',
            y: 'y',
            stroke: colour,
            strokeWidth: 1.8,
            ...defined({ strokeDasharray: dash }),
          }),
        ),
        Plot.dot(
          points.filter(({ both }) => both !== undefined),
          { x: 'x', y: 'both', r: 4, stroke: 'colour', fill: 'none', strokeWidth: 1.2 },
        ),
        Plot.dot(points, { x: 'x', y: 'y', r: 2.5, fill: 'colour' }),
        Plot.text(['planted overlap'], { frameAnchor: 'bottom', dy: 32, fill: ink.soft, fontSize: 10.5 }),
      ],
    },
    `off by ${score(found.error)}${found.rises ? '' : ', does not rise throughout'}`,
  );
}

function pointsOf(id: MetricId, { groups }: Condition) {
  return groups.flatMap(({ truth, metrics }) => {
    const metric = metrics[id];
    if (metric?.corrected === undefined || !metric.null) return [];
    const { mean: chance } = metric.null;
    const { low, high } = metric.interval ?? { low: metric.mean, high: metric.mean };
    return {
      x: truth.overlap,
      y: metric.corrected,
      low: correctForChance(low, chance),
      high: Math.min(1.02, correctForChance(high, chance)),
      both: truth.both09,
    };
  });
}
