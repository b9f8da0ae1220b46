// The confusion matrix as a picture: kinds down, findings across, filled by how often a finding is the top cause.
import * as Plot from '@observablehq/plot';
import { findingIds } from '../../src/diagnosis/index.js';
import { figure, panel } from '../../src/report/figures/figure.js';
import { heatColour, ink, standalone } from '../../src/report/figures/theme.js';
import type { KindTally } from './tally.js';

const rowHeight = 15;

/** A standalone SVG. */
export function matrixFigure(
  tallies: readonly Pick<KindTally, 'kind' | 'expected' | 'tops' | 'cause'>[],
): string {
  const cases = tallies.reduce((sum, { cause }) => sum + cause.of, 0);
  const columns = [...findingIds, 'none'];
  const cells = tallies.flatMap(({ kind, tops, cause }) =>
    [...tops].map(([id, n]) => ({ kind, id, share: n / cause.of })),
  );
  const truths = tallies.flatMap(({ kind, expected }) =>
    (expected.length > 0 ? expected : ['none']).map((id) => ({ kind, id })),
  );
  const matrix = panel('', {
    width: 900,
    height: tallies.length * rowHeight + 170,
    marginLeft: 235,
    marginTop: 150,
    marginRight: 70,
    marginBottom: 10,
    padding: 0.08,
    x: { domain: columns, axis: 'top', label: null, tickRotate: -50, tickSize: 0 },
    y: { domain: tallies.map(({ kind }) => kind), label: null, tickSize: 0 },
    marks: [
      Plot.cell(cells, { x: 'id', y: 'kind', fill: heatColour, fillOpacity: 'share' }),
      Plot.cell(truths, { x: 'id', y: 'kind', stroke: ink.strong, strokeWidth: 1, fill: 'none', inset: 0.5 }),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
  const wrong = cells.filter(
    ({ kind, id }) => !truths.some((truth) => truth.kind === kind && truth.id === id),
  );
  return standalone(
    figure({
      id: 'zoo',
      title: 'What the diagnosis names, kind by kind',
      subtitle: `Top cause of ${cases} cases of ${tallies.length} kinds; framed is what a careful person would name`,
      legend: [{ label: 'top cause, the darker the more often', colour: heatColour, shape: 'box' }],
      panels: [matrix],
      columns: 1,
      caption: '',
      alt:
        `Matrix of ${tallies.length} kinds of case by top cause. ` +
        (wrong.length === 0
          ? 'Every filled cell is framed: all are right.'
          : `Filled and not framed: ${wrong.map(({ kind, id, share }) => `${kind} as ${id} (${Math.round(100 * share)} %)`).join(', ')}.`),
    }).svg,
  );
}
