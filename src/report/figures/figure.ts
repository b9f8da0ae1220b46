// What a figure is, and how its panels are put together: title, subtitle, legend, panels in a grid.
//
// Panels are drawn by Observable Plot on a linkedom document and nested as inner <svg>; only this file
// places things next to each other, so that nothing can overlap.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { ink, type Swatch } from './theme.js';

export interface Figure {
  readonly id: string;
  readonly title: string;
  /** Whether it shows every group by itself, and grows with their number. */
  readonly byGroup?: boolean;
  /** One SVG; colours are CSS variables with a fallback for light paper. */
  readonly svg: string;
  /** What to conclude, from the data. */
  readonly caption: string;
  /** What is to be seen, for those who do not see it. */
  readonly alt: string;
}

export interface Panel {
  readonly title: string;
  /** Smaller line under the title. */
  readonly note?: string;
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export interface FigureParts {
  readonly id: string;
  readonly title: string;
  readonly byGroup?: boolean;
  readonly subtitle: string;
  readonly legend: readonly Swatch[];
  readonly panels: readonly Panel[];
  /** Panels side by side. */
  readonly columns: number;
  readonly caption: string;
  readonly alt: string;
}

const gap = 28;
const narrowest = 468;
const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Draws one panel with Plot. `width` and `height` in px. */
export function panel(
  title: string,
  options: Plot.PlotOptions & { width: number; height: number },
  note?: string,
): Panel {
  const drawn = Plot.plot({ document, className: 'plot', ...options });
  // The default style sheet of Plot is of no use inside another SVG, and not every renderer reads it.
  for (const style of drawn.querySelectorAll('style')) style.remove();
  const svg = [...drawn.childNodes].map(String).join('').trim();
  return { title, ...(note ? { note } : {}), svg, width: options.width, height: options.height };
}

/** Puts the parts together. Text is escaped here; panels are taken as they are. */
export function figure(parts: FigureParts): Figure {
  const columns = Math.max(1, Math.min(parts.columns, parts.panels.length));
  const cell = Math.max(...parts.panels.map((p) => p.width));
  const width = Math.max(narrowest, columns * cell + (columns - 1) * gap);
  const out: string[] = [];
  let y = 20;
  for (const line of wrap(parts.title, width / 9.8)) {
    out.push(text(0, y, line, 16, 'font-weight="700"'));
    y += 20;
  }
  for (const line of wrap(parts.subtitle, width / 7.2)) {
    out.push(text(0, y, line, 12, '', ink.soft));
    y += 16;
  }
  const keys = legend(parts.legend, width, y + 8);
  out.push(keys.svg);
  y = keys.bottom + 12;
  for (let at = 0; at < parts.panels.length; at += columns) {
    const row = parts.panels.slice(at, at + columns);
    const head = row.some((p) => p.note) ? 36 : 22;
    row.forEach((p, c) => {
      const x = c * (cell + gap);
      out.push(text(x, y + 13, p.title, 13, 'font-weight="700"'));
      if (p.note) out.push(text(x, y + 29, p.note, 11, '', ink.soft));
      out.push(
        `<svg x="${x}" y="${y + head}" width="${p.width}" height="${p.height}" viewBox="0 0 ${p.width} ${p.height}" ` +
          `font-size="11" text-anchor="middle" fill="${ink.soft}">${p.svg}</svg>`,
      );
    });
    y += head + Math.max(...row.map((p) => p.height)) + 14;
  }
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" ` +
    `viewBox="0 0 ${width} ${y}" font-family="${ink.font}" fill="${ink.strong}" role="img" ` +
    `aria-label="${escapeText(parts.alt)}">${out.join('')}</svg>`;
  const { id, title, byGroup, caption, alt } = parts;
  return { id, title, ...(byGroup ? { byGroup } : {}), svg, caption, alt };
}

function legend(swatches: readonly Swatch[], width: number, top: number): { svg: string; bottom: number } {
  const out: string[] = [];
  let x = 0;
  let y = top;
  for (const swatch of swatches) {
    const needed = 26 + swatch.label.length * 7.1 + 18;
    if (x > 0 && x + needed > width) {
      x = 0;
      y += 20;
    }
    out.push(`<g transform="translate(${x},${y})">${mark(swatch)}${text(24, 12, swatch.label, 11.5)}</g>`);
    x += needed;
  }
  return { svg: out.join(''), bottom: swatches.length > 0 ? y + 18 : top };
}

function mark({ shape, colour, dash }: Swatch): string {
  if (shape === 'dot') return `<circle cx="9" cy="8" r="3.5" fill="${colour}" fill-opacity="0.65"/>`;
  if (shape === 'ring')
    return `<circle cx="9" cy="8" r="3" fill="none" stroke="${colour}" stroke-width="1.2"/>`;
  if (shape === 'mean')
    return `<path d="M0 8H18M0 4V12M18 4V12" stroke="${colour}" stroke-width="1.5" fill="none"/><circle cx="9" cy="8" r="4" fill="${colour}"/>`;
  if (shape === 'band')
    return `<rect x="1" y="1" width="16" height="14" fill="${colour}" fill-opacity="0.25"/><path d="M9 1V15" stroke="${colour}" stroke-width="2"/>`;
  if (shape === 'line') return `<path d="M9 1V15" stroke="${colour}" stroke-width="2"/>`;
  if (shape === 'course') {
    const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
    return `<path d="M0 8H18" stroke="${colour}" stroke-width="2"${dashes}/>`;
  }
  return `<rect x="1" y="2" width="16" height="12" fill="${colour}"/>`;
}

function text(
  x: number,
  y: number,
  content: string,
  size: number,
  more = '',
  fill: string = ink.strong,
): string {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" ${more}>${escapeText(content)}</text>`;
}

/** Lines of at most `limit` characters, broken at spaces. */
function wrap(content: string, limit: number): string[] {
  const lines: string[] = [];
  for (const word of content.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= limit)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function escapeText(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
