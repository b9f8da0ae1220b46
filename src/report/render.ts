// Every file of a report but results.json, as bytes; nothing is written here.

import type { Results } from '../results/results.js';
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
  const files: ReportFile[] = [
    { path: 'report.html', bytes: utf8(renderHtml(results, figures)) },
    { path: 'report.md', bytes: utf8(renderMarkdown(results, figures)) },
  ];
  for (const { id, svg } of figures) {
    const file = standalone(svg);
    files.push({ path: `figures/${id}.svg`, bytes: utf8(file) });
    files.push({ path: `figures/${id}.png`, bytes: toPng(file) });
    // Drawing is slow: let the event loop breathe between figures.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return files;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
