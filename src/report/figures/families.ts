// Figure: how many features are in how many SAEs, and how many families more SAEs would show.
import * as Plot from '@observablehq/plot';
import type { FamiliesResult } from '../../results/families-result.js';
import type { Results } from '../../results/results.js';
import { count, percent } from '../number-format.js';
import { describeFamilies, describeGrowth } from '../wording/family-words.js';
import { groupName } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { ink, liveColour } from './theme.js';

const width = 468;
const height = 250;
const curveColour = 'var(--fig-activation, #c04a00)';

export interface NamedFamilies {
  readonly name: string;
  readonly families: FamiliesResult;
}

/** One panel a group; absent where no group has families. */
export function familiesFigure({ groups }: Pick<Results, 'groups'>): Figure | undefined {
  return figureOfFamilies(
    groups.flatMap((group) => (group.families ? [{ name: groupName(group), families: group.families }] : [])),
  );
}

export function figureOfFamilies(all: readonly NamedFamilies[]): Figure | undefined {
  const shown = all.filter(({ families: { supports } }) => supports.slice(2).some((number) => number > 0));
  if (shown.length === 0) return undefined;
  const texts = shown.map(({ name, families }) => {
    const { growth, supports } = families;
    const more = growth ? ` ${describeGrowth(growth, supports.length - 1)}` : '';
    const text = `${describeFamilies(families)}${more}`;
    return shown.length > 1 ? `${name}: ${text}` : text;
  });
  return figure({
    id: 'families',
    byGroup: true,
    title: 'Features that several SAEs agree on',
    subtitle:
      'Families of features: of each SAE one at most, every two of them the same. Bars: families in exactly so many SAEs. ' +
      'Line: families in any two of so many SAEs, beyond those that are there as expected',
    legend: [
      { label: 'families in so many SAEs', colour: liveColour, shape: 'box' },
      { label: 'families among so many SAEs', colour: curveColour, shape: 'course' },
      { label: 'expected of more SAEs', colour: curveColour, shape: 'course', dash: '3 3' },
    ],
    panels: shown.map(familiesPanel),
    columns: 2,
    caption: texts.join(' '),
    alt: texts.join(' '),
  });
}

function familiesPanel({ name, families: { supports, growth } }: NamedFamilies): Panel {
  const n = supports.length - 1;
  const bars = supports.map((families, saes) => ({ saes, families })).slice(2);
  const curve = growth?.curve ?? [];
  const [seen, expected] = [curve.filter(({ saes }) => saes <= n), curve.filter(({ saes }) => saes >= n)];
  const last = curve.at(-1)?.saes ?? n;
  const most = Math.max(...bars.map(({ families }) => families), ...curve.map(({ families }) => families));
  return panel(
    name,
    {
      width,
      height,
      marginLeft: 62,
      marginRight: 14,
      marginTop: 14,
      marginBottom: 42,
      x: { domain: [1.4, last + 0.6], label: null },
      y: { domain: [0, 1.05 * most], label: null },
      marks: [
        Plot.gridY({ stroke: ink.faint, ticks: 4 }),
        Plot.axisY({ ticks: 4, color: ink.soft, label: null, tickSize: 0, tickFormat: count }),
        Plot.axisX({
          ticks: Array.from({ length: last - 1 }, (_, at) => at + 2),
          tickFormat: String,
          color: ink.soft,
          label: null,
          tickSize: 4,
        }),
        Plot.rectY(bars, {
          x1: (d: (typeof bars)[number]) => d.saes - 0.32,
          x2: (d: (typeof bars)[number]) => d.saes + 0.32,
          y: 'families',
          fill: liveColour,
          fillOpacity: 0.75,
        }),
        Plot.line(seen, { x: 'saes', y: 'families', stroke: curveColour, strokeWidth: 1.8 }),
        Plot.line(expected, {
          x: 'saes',
          y: 'families',
          stroke: curveColour,
          strokeWidth: 1.8,
          strokeDasharray: '3 3',
        }),
        Plot.dot(seen, { x: 'saes', y: 'families', r: 2.8, fill: curveColour }),
        Plot.text(['SAEs'], { frameAnchor: 'bottom', dy: 34, fill: ink.soft, fontSize: 10.5 }),
      ],
    },
    growth ? `seen of what comes back: about ${percent(growth.seen.value)}` : undefined,
  );
}
