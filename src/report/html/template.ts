// A tagged template that escapes everything put into it, unless it is HTML already.

/** Text that is known to be HTML. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Part[] | false | undefined;

/** html`<p>${text}</p>`: text is escaped, HTML and lists of it are not, false and undefined are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((out, string, i) => out + part(parts[i - 1]) + string));
}

/** Text that is taken as it is: only for what this package made itself. */
export function raw(text: string): Html {
  return new Html(text);
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function part(value: Part): string {
  if (value === false || value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(part).join('');
}
