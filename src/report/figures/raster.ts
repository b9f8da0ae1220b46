// PNG of a figure, with a font that travels with the package: without one, text silently vanishes.
import { createRequire } from 'node:module';
import { renderAsync } from '@resvg/resvg-js';

const require = createRequire(import.meta.url);

/** Font files used for PNGs; also the font that `standalone` SVGs name. */
export function fontFiles(): string[] {
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
    require.resolve(`dejavu-fonts-ttf/ttf/${file}`),
  );
}

/** Draws a standalone SVG at twice its size, off this thread. */
export async function toPng(svg: string, fonts: readonly string[] = fontFiles()): Promise<Uint8Array> {
  const drawn = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontFiles: [...fonts], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return new Uint8Array(drawn.asPng());
}
