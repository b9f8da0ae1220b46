// Conditions on numbers as closed intervals: all that are on one column become one, which a row is in or not.
import type { Term } from './filter.js';

export interface Interval {
  /** Of the column itself, or of its magnitude. */
  readonly column: string;
  readonly magnitude: boolean;
  readonly low: number;
  readonly high: number;
}

/** One for each column that the terms bound. */
export function intervalsOf(terms: readonly Term[]): Interval[] {
  const found = new Map<string, Interval>();
  for (const term of terms) {
    if (term.of !== 'number' && term.of !== 'boolean') continue;
    const magnitude = term.column === 'abs';
    const before = found.get(term.column);
    const [low, high] = term.of === 'boolean' ? [Number(term.value), Number(term.value)] : endsOf(term);
    found.set(term.column, {
      column: magnitude ? 'cosine' : term.column,
      magnitude,
      low: Math.max(low, before?.low ?? Number.NEGATIVE_INFINITY),
      high: Math.min(high, before?.high ?? Number.POSITIVE_INFINITY),
    });
  }
  return [...found.values()];
}

/** v < x is v ≤ the number before x. */
function endsOf({ op, value }: Extract<Term, { of: 'number' }>): readonly [number, number] {
  if (op === '<') return [Number.NEGATIVE_INFINITY, -nextAfter(-value)];
  if (op === '<=') return [Number.NEGATIVE_INFINITY, value];
  if (op === '>') return [nextAfter(value), Number.POSITIVE_INFINITY];
  if (op === '>=') return [value, Number.POSITIVE_INFINITY];
  return [value, value];
}

const bits = new BigInt64Array(1);
const float = new Float64Array(bits.buffer);

/** The smallest float64 above x. */
function nextAfter(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  float[0] = x;
  // Bits of positive numbers count up with them, those of negative ones down.
  bits[0] += x > 0 ? 1n : -1n;
  return float[0];
}
