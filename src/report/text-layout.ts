// Text for a terminal: colours, lines that are broken at spaces, columns that line up.

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green';
export type Paint = (style: Style, text: string) => string;

/** ANSI codes that turn a style on and off. */
const codes: Record<Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
};

/** Without colour, text stays as it is. */
export function painter(colour: boolean): Paint {
  return (style, text) => {
    const [on, off] = codes[style];
    return colour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  };
}

/** Lines of at most `width` characters, broken at spaces, each behind `indent`. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}

/**
 * Rows of cells as lines, indented by two, each column as wide as its widest cell.
 * @param numbersFrom the first column that is aligned to the right
 */
export function aligned(
  rows: readonly (readonly string[])[],
  { numbersFrom }: { readonly numbersFrom: number },
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, c) => {
      widths[c] = Math.max(widths[c] ?? 0, cell.length);
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, c) => (c < numbersFrom ? cell.padEnd(widths[c]) : cell.padStart(widths[c])));
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
