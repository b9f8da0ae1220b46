// Copies the figure of a panel: as SVG text, or as a PNG.
import { type RefObject, useState } from 'react';
import { pngOf, standaloneSvg } from './figure-file.js';

/** Milliseconds that it is said what was copied. */
const saidFor = 8000;

export function FigureActions({
  body,
  name,
}: {
  readonly body: RefObject<HTMLElement | null>;
  readonly name: string;
}) {
  const [said, say] = useState('');
  const copy = async (kind: 'SVG' | 'PNG') => {
    const svg = body.current?.querySelector('svg');
    if (!svg) return;
    try {
      const text = standaloneSvg(svg);
      if (kind === 'SVG') await navigator.clipboard.writeText(text);
      else await navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(text) })]);
      say(`${kind} copied`);
    } catch (error) {
      say(`not copied: ${(error as Error).message}`);
    }
    setTimeout(() => say(''), saidFor);
  };
  return (
    <>
      <span className="said" role="status">
        {said}
      </span>
      {(['SVG', 'PNG'] as const).map((kind) => (
        <button
          key={kind}
          type="button"
          className="quiet"
          aria-label={`Copy ${name} as ${kind}`}
          onClick={() => copy(kind)}
        >
          {kind}
        </button>
      ))}
    </>
  );
}
