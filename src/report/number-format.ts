// How numbers look in every text, table and figure: one rule per kind of quantity.

/** A score in [0, 1] or a corrected score: three decimals. */
export function score(value: number): string {
  return fixed(value, 3);
}

/** A score where the fourth decimal is worth showing: tables. */
export function fineScore(value: number): string {
  return fixed(value, 4);
}

/** A share as a percentage: whole numbers, with a decimal near 0 and near 100, where it matters. */
export function percent(share: number): string {
  const value = share * 100;
  const near = Math.abs(value) < 10 || (value > 90 && value < 100);
  const text = value.toFixed(near ? 1 : 0);
  return `${text.replace(/\.0$/, '')}%`.replace(/^-0%$/, '0%');
}

/** A count with thousands separators. */
export function count(value: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(value);
}

/** Any other number: three significant digits, no exponent in the ordinary range. */
export function plain(value: number): string {
  if (Number.isInteger(value)) return count(value);
  if (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6) {
    return new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(value).replace(/^-0$/, '0');
  }
  return value.toExponential(1);
}

/** "low–high" with the unit once, or one number where both read the same. */
export function range(low: number, high: number, format: (value: number) => string): string {
  const [a, b] = [format(low), format(high)];
  return a === b ? a : `${a.replace(/%$/, '')}–${b}`;
}

/** "1 SAE", "5 SAEs". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** With a capital first letter. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a", "a and b", "a, b and c". */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}
