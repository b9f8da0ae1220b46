// Figure: how much of each score comes from features that fire and how much from features that never do.

import * as Plot from '@observablehq/plot';
import { defined } from '../../defined.js';
import type { MetricId } from '../../metrics/registry.js';
import { metricIds } from '../../metrics/registry.js';
import type { GroupResult, LiveSplit, Results } from '../../results/results.js';
import { capitalise, percent, score } from '../number-format.js';
import { groupName, metricWords, openingPlace } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { deadColour, ink, liveColour } from './theme.js';

const rowHeight = 48;
const width = 468;

interface Row {
  readonly id: MetricId;
  readonly split: LiveSplit;
  readonly live: number;
  readonly dead: number;
  readonly chance?: number;
}

/** One panel per group that has a split; absent where none has. */
export function liveDeadFigure(results: Results): Figure | undefined {
  const groups = results.groups.filter((group) => rowsOf(group).length > 0);
  if (groups.length === 0) return undefined;
  const saes = groups.reduce((sum, group) => sum + group.saes.length, 0);
  return figure({
    id: 'live-dead',
    byGroup: true,
    title: 'What part of each score comes from live features',
    subtitle:
      'Score = share of live features × their score + share of dead features × theirs (|cosine|, 0 to 1); ' +
      `n = ${saes} SAEs in ${groups.length === 1 ? 'one group' : `${groups.length} groups`}`,
    legend: [
      { label: 'from live features', colour: liveColour, shape: 'box' },
      { label: 'from dead features', colour: deadColour, shape: 'box' },
      { label: 'chance: the score’s own null', colour: ink.strong, shape: 'line' },
    ],
    panels: groups.map(splitPanel),
    columns: 2,
    caption: captionOf(groups),
    alt: groups
      .map(
        (g) =>
          `${groupName(g)}: ${rowsOf(g)
            .map(
              (r) =>
                `${metricWords[r.id].short} ${score(r.live)} from live and ${score(r.dead)} from dead features`,
            )
            .join('; ')}.`,
      )
      .join(' '),
  });
}

function rowsOf(group: GroupResult): Row[] {
  return metricIds.flatMap((id) => {
    const split = group.liveSplit?.[id];
    const chance = group.metrics[id]?.null?.mean;
    if (!split) return [];
    return [
      {
        id,
        split,
        live: split.liveShare * (split.liveScore ?? 0),
        dead: split.deadShare * (split.deadScore ?? 0),
        ...defined({ chance }),
      },
    ];
  });
}

function splitPanel(group: GroupResult): Panel {
  const rows = rowsOf(group);
  const bars = rows.flatMap((row, i) => [
    { x1: 0, x2: row.live, i, fill: liveColour },
    { x1: row.live, x2: row.live + row.dead, i, fill: deadColour },
  ]);
  const share = rows[0].split;
  return panel(
    groupName(group),
    {
      width,
      height: rows.length * rowHeight + 44,
      marginLeft: 108,
      marginRight: 12,
      marginTop: 4,
      marginBottom: 40,
      x: { domain: [0, 1], label: null },
      y: { domain: [0, rows.length], axis: null, reverse: true },
      marks: [
        Plot.axisX({ ticks: 6, color: ink.soft, label: null, tickSize: 4 }),
        Plot.ruleX([0], { stroke: ink.soft }),
        Plot.rect(bars, {
          x1: 'x1',
          x2: 'x2',
          y1: (d) => d.i + 0.46,
          y2: (d) => d.i + 0.86,
          fill: 'fill',
        }),
        Plot.ruleX(
          rows.flatMap((row, i) => (row.chance === undefined ? [] : [{ x: row.chance, i }])),
          {
            x: 'x',
            y1: (d) => d.i + 0.4,
            y2: (d) => d.i + 0.92,
            stroke: ink.strong,
            strokeWidth: 2,
          },
        ),
        Plot.text(rows, {
          frameAnchor: 'left',
          y: (_, i) => i + 0.66,
          dx: -8,
          text: (row) => metricWords[row.id as MetricId].short,
          textAnchor: 'end',
          fill: ink.strong,
          fontSize: 11.5,
        }),
        Plot.text(rows, {
          frameAnchor: 'left',
          y: (_, i) => i + 0.26,
          dx: 2,
          text: (row) => `${score(row.live)} from live, ${score(row.dead)} from dead`,
          textAnchor: 'start',
          fill: ink.strong,
          fontSize: 11,
        }),
        Plot.text(['contribution to the score'], {
          frameAnchor: 'bottom',
          dy: 34,
          fill: ink.soft,
          fontSize: 10.5,
        }),
      ],
    },
    `${percent(share.liveShare)} of features live, ${percent(share.deadShare)} dead`,
  );
}

/** Which scores are made by dead features, and which lose what dead features take from the average. */
function captionOf(groups: readonly GroupResult[]): string {
  const all = groups.flatMap((group) => rowsOf(group).map((row) => ({ group, row })));
  const made = all.filter(({ row }) => row.dead > row.live);
  const diluted = all.filter(({ row }) => row.split.deadShare > 0.5 && row.dead <= row.live);
  const sentences: string[] = [];
  const at = (rows: typeof all) => openingPlace([...new Set(rows.map(({ group }) => group))], groups);
  for (const id of new Set(made.map(({ row }) => row.id))) {
    sentences.push(
      capitalise(
        `${at(made.filter(({ row }) => row.id === id))}most of the ${metricWords[id].name} comes from features that ` +
          'never fire: it says little about what was learned.',
      ),
    );
  }
  for (const id of new Set(diluted.map(({ row }) => row.id))) {
    const rows = diluted.filter(({ row }) => row.id === id);
    const highest = Math.max(...rows.map(({ row }) => row.split.liveScore ?? 0));
    sentences.push(
      capitalise(
        `${at(rows)}dead features add next to nothing to the ${metricWords[id].name} but count in its average: live ` +
          `features alone would give up to ${score(highest)}.`,
      ),
    );
  }
  return sentences.join(' ') || 'Live features carry every score here: dead ones change none of them much.';
}
