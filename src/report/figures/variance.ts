// Figure: what init and what order explain of the disagreement, score by score, with intervals.
import * as Plot from '@observablehq/plot';
import { type MetricId, metricIds } from '../../metrics/registry.js';
import type { GroupResult, Results, VarianceResult } from '../../results/results.js';
import { type Component, components } from '../../stats/variance-components.js';
import { capitalise, plural, score } from '../number-format.js';
import { componentWords, shareText } from '../wording/variance-words.js';
import { groupName, metricWords, openingPlace } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { componentColour, ink } from './theme.js';

const shown: readonly MetricId[] = [
  'decoder.max.live',
  'decoder.matched',
  'encoder.matched',
  'activation.max.live',
  'activation.matched.live',
];
const rowHeight = 62;
const width = 468;

type Group = GroupResult & { readonly variance: VarianceResult };

/** One panel per group whose seeds are a cross; absent where there is none. */
export function varianceFigure(results: Results): Figure | undefined {
  const groups = results.groups.filter((group): group is Group => rowsOf(group).length > 0);
  if (groups.length === 0) return undefined;
  const saes = groups.reduce((sum, group) => sum + group.saes.length, 0);
  return figure({
    id: 'variance',
    title: 'Is it the init seed or the data order?',
    subtitle:
      'Share of the disagreement (1 − score) of SAEs that differ in both seeds; whiskers: 95% interval over seeds of ' +
      `either kind; n = ${plural(saes, 'SAE')} in ${groups.length === 1 ? 'one group' : `${groups.length} groups`}`,
    legend: components.map((component) => ({
      label: componentWords[component],
      colour: componentColour[component],
      shape: 'box',
    })),
    panels: groups.map(variancePanel),
    columns: 2,
    caption: captionOf(groups),
    alt: groups
      .map(
        (group) =>
          `${groupName(group)}: ${rowsOf(group)
            .map(
              ({ id, of }) =>
                `${metricWords[id].short}: init ${shareText(of.shares.init.value)}, order ` +
                `${shareText(of.shares.order.value)}, either ${shareText(of.shares.either.value)}`,
            )
            .join('; ')}.`,
      )
      .join(' '),
  });
}

type Row = { readonly id: MetricId; readonly of: NonNullable<VarianceResult[MetricId]> };

function rowsOf({ variance }: GroupResult): Row[] {
  return metricIds.flatMap((id) => {
    const of = shown.includes(id) ? variance?.[id] : undefined;
    return of ? [{ id, of }] : [];
  });
}

// Each score has a row of height 1: what pairs disagree by on top, then one bar a component.
function variancePanel(group: Group): Panel {
  const rows = rowsOf(group);
  const bars = rows.flatMap(({ of }, i) =>
    components.map((component, c) => {
      const { value, interval } = of.shares[component];
      const top = i + 0.3 + 0.2 * c;
      return { component, value, interval, top, middle: top + 0.08, bottom: top + 0.16 };
    }),
  );
  const whiskers = bars.flatMap(({ interval, middle }) =>
    interval ? [{ low: clip(interval.low), high: clip(interval.high), y: middle }] : [],
  );
  const reach = [0, 1, ...bars.map(({ value }) => clip(value)), ...whiskers.flatMap((w) => [w.low, w.high])];
  const { initSeeds, orderSeeds } = rows[0].of;
  return panel(
    groupName(group),
    {
      width,
      height: rows.length * rowHeight + 40,
      marginLeft: 112,
      marginRight: 46,
      marginTop: 2,
      marginBottom: 36,
      x: { domain: [Math.min(...reach), Math.max(...reach)], label: null },
      y: { domain: [0, rows.length], axis: null, reverse: true },
      marks: [
        Plot.ruleY(rows.map((_, i) => i).concat(rows.length), { stroke: ink.faint, strokeWidth: 1 }),
        Plot.axisX({ ticks: 6, color: ink.soft, label: null, tickSize: 4, tickFormat: (x) => shareText(x) }),
        Plot.ruleX([0], { stroke: ink.soft }),
        Plot.rect(bars, {
          x1: (d) => Math.min(0, clip(d.value)),
          x2: (d) => Math.max(0, clip(d.value)),
          y1: 'top',
          y2: 'bottom',
          fill: (d) => componentColour[d.component as Component],
          fillOpacity: 0.75,
        }),
        Plot.ruleY(whiskers, { x1: 'low', x2: 'high', y: 'y', stroke: ink.strong, strokeWidth: 1.2 }),
        Plot.ruleX(
          whiskers.flatMap(({ low, high, y }) => [low, high].map((x) => ({ x, y }))),
          { x: 'x', y1: (d) => d.y - 0.05, y2: (d) => d.y + 0.05, stroke: ink.strong, strokeWidth: 1.2 },
        ),
        Plot.text(bars, {
          frameAnchor: 'right',
          y: 'middle',
          dx: 40,
          text: (d) => shareText(d.value),
          textAnchor: 'end',
          fill: ink.strong,
          fontSize: 10.5,
        }),
        Plot.text(rows, {
          frameAnchor: 'left',
          y: (_, i) => i + 0.58,
          dx: -8,
          text: (row: Row) => metricWords[row.id].short,
          textAnchor: 'end',
          fill: ink.strong,
          fontSize: 11,
        }),
        Plot.text(rows, {
          x: () => 0,
          y: (_, i) => i + 0.15,
          dx: 4,
          text: ({ of: { kinds } }: Row) =>
            `1 − score: order alone ${score(kinds.order.disagreement)}, init alone ` +
            `${score(kinds.init.disagreement)}, both ${score(kinds.both.disagreement)}`,
          textAnchor: 'start',
          fill: ink.soft,
          fontSize: 10.5,
        }),
        Plot.text(['share of the disagreement of SAEs that differ in both'], {
          frameAnchor: 'bottom',
          dy: 32,
          fill: ink.soft,
          fontSize: 10.5,
        }),
      ],
    },
    `${plural(initSeeds, 'init seed')} × ${plural(orderSeeds, 'order seed')}`,
  );
}

const clip = (value: number): number => Math.max(-0.5, Math.min(1.5, value));

/** Which component is largest, where the scores of a group say the same of it; else that they do not. */
function captionOf(groups: readonly Group[]): string {
  const largest = (row: Row) =>
    components.reduce((a, b) => (row.of.shares[b].value > row.of.shares[a].value ? b : a));
  const said = groups.map((group) => {
    const found = new Set(rowsOf(group).map(largest));
    return { group, component: found.size === 1 ? [...found][0] : undefined };
  });
  const words: Record<Component | 'mixed', string> = {
    init: 'the initial weights explain most of the disagreement: it goes away when SAEs start alike.',
    order:
      'the order of the data explains most of the disagreement: it goes away when SAEs see the data in the same order.',
    either:
      'neither seed explains most of the disagreement by itself: it is there as soon as either of them changes.',
    mixed: 'the scores differ in which seed matters most.',
  };
  return ([...components, 'mixed'] as const)
    .flatMap((component) => {
      const at = said.filter((s) => (s.component ?? 'mixed') === component).map(({ group }) => group);
      return at.length > 0 ? [capitalise(`${openingPlace(at, groups)}${words[component]}`)] : [];
    })
    .join(' ');
}
