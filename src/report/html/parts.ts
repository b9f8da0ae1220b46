// Parts that the report and the cell of a notebook have in common: a table, a figure, and what holds wide content.
import type { Figure } from '../figures/index.js';
import type { Cell, Column, Table } from '../tables.js';
import { type Html, html, raw } from './template.js';

export function figure({ id, svg, title, caption }: Figure): Html {
  const [, width] = /width="([\d.]+)"/.exec(svg)!;
  // Within a page the namespace is implied, and the style sheet decides the size.
  const inline = svg
    .replace(' xmlns="http://www.w3.org/2000/svg"', '')
    .replace(/ width="[\d.]+" height="[\d.]+"/, ` style="--width:${width}px"`);
  return html`<figure id="figure-${id}">${scroll(title, raw(inline))}<figcaption>${caption}</figcaption></figure>`;
}

export function table({ caption, columns, rows, sections = [] }: Table): Html {
  return scroll(
    caption,
    html`<table><caption>${caption}</caption>
<thead><tr>${columns.map((c) => html`<th scope="col"${c.numeric && raw(' class="number"')}>${c.name}</th>`)}</tr></thead>
<tbody>${rows.map(
      ([first, ...rest], i) =>
        html`${sectionRow(sections.find(({ before }) => before === i)?.title, columns.length)}<tr><th scope="row">${content(first)}</th>${rest.map((c, at) => td(c, columns[at + 1]))}</tr>
`,
    )}</tbody></table>`,
  );
}

function sectionRow(title: string | undefined, columns: number): Html | false {
  return (
    title !== undefined &&
    html`<tr class="section"><th scope="colgroup" colspan="${columns}">${title}</th></tr>
`
  );
}

/** Cells of more characters than this may break into lines. */
const longCell = 20;

function td(cell: Cell, column: Column): Html {
  const long = Math.max(cell.text.length, cell.note?.length ?? 0) > longCell;
  const kind = [...(column.numeric ? ['number'] : []), ...(long ? [column.numeric ? 'long' : 'prose'] : [])];
  return html`<td${kind.length > 0 && raw(` class="${kind.join(' ')}"`)}>${content(cell)}</td>`;
}

function content({ text, note, tone }: Cell): Html {
  const main = tone ? html`<span class="badge ${tone}">${text}</span>` : html`${text}`;
  return note === undefined ? main : html`${main}<small>${note}</small>`;
}

/** Wide content scrolls by itself, and can be reached by keyboard. */
function scroll(label: string, inner: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${inner}</div>`;
}
