// The answer, the scores and their figure as a piece of HTML that a notebook shows under a cell: no script, nothing loaded.
import type { GroupResult, Results } from '../../results/results.js';
import type { Figure } from '../figures/index.js';
import { plural } from '../number-format.js';
import { noticesOf } from '../outline.js';
import { metricsTable } from '../tables.js';
import { describeGroup, describeResults, groupName } from '../wording.js';
import { cellStyle } from './cell-style.js';
import { figure, table } from './parts.js';
import { html, raw } from './template.js';

/** Figure before table: it shows what the answer rests on, and the table has a screen of rows. */
function summaryOf(group: GroupResult, several: boolean): string {
  const scores = plural(Object.keys(group.metrics).length, 'score');
  return `${several ? `${groupName(group)}: ` : ''}${scores}, each beside its nulls`;
}

/** As `renderHtml`, much shorter, and fit to stand within another page. */
export function renderCell(results: Results, figures: readonly Figure[]): string {
  const scores = figures.filter(({ id }) => id === 'scores');
  const groups = results.groups.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const several = results.groups.length > 1;
  const cell = html`<div class="reseed">
<style>${raw(cellStyle)}</style>
${noticesOf(results).map((notice) => html`<p class="notice" role="note">${notice}</p>`)}
<section class="answer" aria-label="The answer">
<dl>${describeResults(results).map(({ question, answer }) => html`<div><dt>${question}</dt><dd>${answer}</dd></div>`)}</dl>
</section>
${several && results.groups.map((group) => html`<p><strong>${groupName(group)}</strong> ${describeGroup(group)}</p>`)}
${scores.map(figure)}
${groups.map((group) => html`<details><summary>${summaryOf(group, several)}</summary>${table(metricsTable(group))}</details>`)}
</div>
`;
  return cell.text.replace(/\n{2,}/g, '\n');
}
