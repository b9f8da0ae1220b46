// Every file of a report but results.json, as bytes; nothing is written here.
import type { Results } from '../results/results.js';
import { sideBySide } from '../side-by-side.js';
import { figuresOf } from './figures/index.js';
import { toPng } from './figures/raster.js';
import { standalone } from './figures/theme.js';
import { renderHtml } from './html/page.js';
import { renderMarkdown } from './markdown.js';

export interface ReportFile {
  /** Relative to the report's folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** report.html, report.md, figures/*.svg and figures/*.png. The same results give the same bytes. */
export async function renderReport(results: Results): Promise<ReportFile[]> {
  const figures = figuresOf(results);
  const drawn = figures.map(({ id, svg }) => ({ path: `figures/${id}`, file: standalone(svg) }));
  const pngs = sideBySide(drawn, 2, ({ file }) => toPng(file));
  const pages: ReportFile[] = [
    { path: 'report.html', bytes: utf8(renderHtml(results, figures)) },
    { path: 'report.md', bytes: utf8(renderMarkdown(results, figures)) },
  ];
  const files = (await pngs).map((png, i) => [
    { path: `${drawn[i].path}.svg`, bytes: utf8(drawn[i].file) },
    { path: `${drawn[i].path}.png`, bytes: png },
  ]);
  return [...pages, ...files.flat()];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
