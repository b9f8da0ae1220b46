// Places of rows: a position of all contexts, or a token, whose rows are not as the others are.
//
// Two ways. Far: its rows lie twice as far from the middle as the others (by root mean square) and hold a good part of the
// variance, as first positions and separators do. Alike: one token is a fifth of all rows, and these lie together, as padding does that
// is not quite the same everywhere. Sizes of rows, which are known of all of them, tell which places may be far; what is said of them is measured
// on their rows.
import type { Tokens } from '../activations/tokens.js';

/** All rows of one position, of one token, or of a position that nearly always has one token. */
export interface Place {
  readonly position?: number;
  readonly token?: string;
  /** How many. */
  readonly rows: number;
}

/** Times the distance of the others: kinds of token differ by less. */
export const farTimes = 2;

/** A place that holds less of the squared distances is no matter beside the others. */
const someShare = 0.05;

/** More of the rows are no exception. */
const mostRows = 0.5;

/** Fewer rows are no place. */
const fewestRows = 8;

const mostPlaces = 4;

/** Fewer massive rows than this tell of no place. */
const fewest = 3;

/** No token of a text is a fifth of it. */
const commonToken = 0.2;

/** Of these there have to be others to be compared with. */
const nearlyAll = 0.95;

/** How the rows of a position, or rows that are set apart, mostly are: then that is what they are. */
const mostly = 0.95;

/** A place with the numbers of its rows, ascending. */
export interface PlaceRows {
  readonly place: Place;
  readonly rows: Int32Array;
}

/** Numbers of rows by position and by token, and what they add up to. */
interface Class {
  readonly of: 'position' | 'token';
  readonly value: number;
  count: number;
  sum: number;
}

/**
 * Places that are far by the sizes of their rows, the first the one with the largest part of all sizes.
 * @param sizes [rows] squared distances from near the middle @param left [rows] 1 where a row is not looked at; those of the places are
 * not either when the next is looked for
 */
export function farPlaces(tokens: Tokens, sizes: Float64Array, left: Uint8Array): PlaceRows[] {
  const out = left.slice();
  const found: PlaceRows[] = [];
  let taken = 0;
  while (found.length < mostPlaces) {
    const classes = classesOf(tokens, sizes, out);
    const [count, sum] = [total(classes, 'count'), total(classes, 'sum')];
    const far = classes.filter((one) => {
      const others = (sum - one.sum) / (count - one.count);
      return (
        one.count >= fewestRows &&
        taken + one.count <= mostRows * (taken + count) &&
        one.sum >= someShare * sum &&
        one.sum >= farTimes ** 2 * others * one.count
      );
    });
    if (far.length === 0) break;
    // Positions come before tokens, and of two that are as far the first.
    const best = far.reduce((a, b) => (b.sum > a.sum ? b : a));
    const rows = rowsOf(best, tokens, out);
    for (const n of rows) out[n] = 1;
    taken += rows.length;
    found.push({ place: placeOf(best, tokens, rows), rows });
  }
  return found;
}

/** Tokens that are so many of the rows as no token of a text is. @param left as above */
export function commonTokens(tokens: Tokens, left: Uint8Array): PlaceRows[] {
  const classes = classesOf(tokens, new Float64Array(tokens.rows), left).filter(({ of }) => of === 'token');
  const count = total(classes, 'count');
  return classes
    .filter((one) => one.count > commonToken * tokens.rows && one.count <= nearlyAll * count)
    .map((one) => {
      const rows = rowsOf(one, tokens, left);
      return { place: placeOf(one, tokens, rows), rows };
    });
}

/** Where most of these rows stand: a position if it has half of them, or else a token that does. @param rows ascending */
export function placeOfMost(tokens: Tokens, rows: Int32Array): Place | undefined {
  const left = new Uint8Array(tokens.rows).fill(1);
  for (const n of rows) left[n] = 0;
  const classes = classesOf(tokens, new Float64Array(tokens.rows), left);
  // Positions come before tokens.
  const best = classes.find(({ count }) => count >= fewest && 2 * count >= rows.length);
  return best && placeOf(best, tokens, rowsOf(best, tokens, left));
}

/** Of the rows that are looked at, by position and then by token, each in the order in which they first come. */
function classesOf(tokens: Tokens, sizes: Float64Array, left: Uint8Array): Class[] {
  return (['position', 'token'] as const).flatMap((of) => {
    const numbers = tokens[of];
    const known = new Map<number, Class>();
    for (let n = 0; n < tokens.rows; n++) {
      if (left[n] === 1) continue;
      const value = numbers[n];
      const one = known.get(value) ?? { of, value, count: 0, sum: 0 };
      one.count++;
      one.sum += sizes[n];
      known.set(value, one);
    }
    return [...known.values()];
  });
}

/** Over the tokens, which every row has one of. */
function total(classes: readonly Class[], what: 'count' | 'sum'): number {
  return classes.reduce((sum, one) => sum + (one.of === 'token' ? one[what] : 0), 0);
}

function rowsOf({ of, value, count }: Class, tokens: Tokens, left: Uint8Array): Int32Array {
  const rows = new Int32Array(count);
  const numbers = tokens[of];
  for (let n = 0, at = 0; n < tokens.rows; n++) if (left[n] === 0 && numbers[n] === value) rows[at++] = n;
  return rows;
}

/** By position with its token where there nearly always is the same, by token otherwise. */
function placeOf({ of, value }: Class, tokens: Tokens, rows: Int32Array): Place {
  if (of === 'token') return { token: tokens.texts[value], rows: rows.length };
  const counts = new Map<number, number>();
  for (const n of rows) counts.set(tokens.token[n], (counts.get(tokens.token[n]) ?? 0) + 1);
  const usual = [...counts].find(([, n]) => n >= mostly * rows.length);
  return { position: value, ...(usual ? { token: tokens.texts[usual[0]] } : {}), rows: rows.length };
}
