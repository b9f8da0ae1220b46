// How numbers look on the page.

const counts = new Intl.NumberFormat('en-US');

export function count(value: number): string {
  return counts.format(value);
}

/** Three decimals, with a true minus. */
export function score(value: number, digits = 3): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

export function percent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value !== 0 && Math.abs(value) < 10 ? 1 : 0)}%`;
}

/** Any number in few characters: 0.00123, 1.2e-9. */
export function plain(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
  return text.replace('-', '−').replace('e−', 'e-').replace('e+', 'e');
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
