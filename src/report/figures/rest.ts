// Figure: what the features without a family are, each share beside what it is by chance or for features with one.
import * as Plot from '@observablehq/plot';
import type { ConsensusResult } from '../../results/consensus-result.js';
import { count, percent } from '../number-format.js';
import { describeRest, restWords } from '../wording/family-words.js';
import { type Figure, figure, panel } from './figure.js';
import { ink, liveColour } from './theme.js';

const rowHeight = 34;

/** Absent where nothing was looked at. */
export function restFigure(result: Pick<ConsensusResult, 'rest'>): Figure | undefined {
  const { shares, without, features } = result.rest;
  if (shares.length === 0) return undefined;
  const rows = shares.map(({ kind, share, chance }) => ({ name: restWords[kind].name, share, chance }));
  const text = describeRest(result);
  return figure({
    id: 'rest',
    title: 'Features without a family',
    subtitle: `Share of the features that no other SAE has, beside what it is by chance or of the features with a family; ${count(without)} of ${count(features)} features have none`,
    legend: [
      { label: 'features without a family', colour: liveColour, shape: 'box' },
      { label: 'by chance, or with a family', colour: ink.strong, shape: 'line' },
    ],
    panels: [
      panel('', {
        width: 468,
        height: rows.length * rowHeight + 40,
        marginLeft: 140,
        marginRight: 52,
        marginTop: 2,
        marginBottom: 34,
        x: { domain: [0, 1], label: null },
        y: { domain: rows.map(({ name }) => name), axis: null, padding: 0.35 },
        marks: [
          Plot.axisX({ ticks: 5, color: ink.soft, label: null, tickSize: 4, tickFormat: percent }),
          Plot.barX(rows, { x: 'share', y: 'name', fill: liveColour, fillOpacity: 0.75 }),
          Plot.tickX(rows, { x: 'chance', y: 'name', stroke: ink.strong, strokeWidth: 2 }),
          Plot.text(rows, {
            frameAnchor: 'left',
            y: 'name',
            dx: -8,
            text: 'name',
            textAnchor: 'end',
            fill: ink.strong,
            fontSize: 11,
          }),
          Plot.text(rows, {
            frameAnchor: 'right',
            y: 'name',
            dx: 44,
            text: (d: (typeof rows)[number]) => percent(d.share),
            textAnchor: 'end',
            fill: ink.strong,
            fontSize: 11,
          }),
        ],
      }),
    ],
    columns: 1,
    caption: text,
    alt: text,
  });
}
