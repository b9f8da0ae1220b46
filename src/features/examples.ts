// Where a feature fires: its strongest tokens, some at even quantiles of its codes, and some at random, each among its
// neighbours in the text.
//
// Of the m rows on which a feature fires, in the order of |code|, the largest first and equal ones in the order of the rows:
// `top` are the first ten. Where there are more than ten, `quantile` are the rows at places round((1 − q)(m − 1)), q = 0.9, 0.7,
// 0.5, 0.3, 0.1, and `random` five different ones drawn uniformly, which may stand among the others as well.
import { requireTokensOf, type Tokens } from '../activations/tokens.js';
import { Rng } from '../tensor/rng.js';
import { type SparseCodes, transposeCodes } from '../tensor/sparse-codes.js';
import { type ExampleCodes, rowOfCode } from './example-codes.js';

export const exampleKinds = ['top', 'quantile', 'random'] as const;

/** A row on which a feature fires. */
export interface FeatureExample {
  readonly kind: (typeof exampleKinds)[number];
  /** From 0, within the kind. */
  readonly rank: number;
  /** Row of the activations. */
  readonly row: number;
  /** Of the feature on that row. */
  readonly code: number;
  /** Codes of the feature on the rows `from` on that the context is of; 0 where it does not fire. */
  readonly codes: readonly number[];
  /** The first row of the context. */
  readonly from: number;
}

export interface FeatureExamples {
  readonly feature: number;
  readonly examples: readonly FeatureExample[];
}

const top = 10;
const quantiles = [0.9, 0.7, 0.5, 0.3, 0.1] as const;
const random = 5;

/** Examples of a feature that fires often. */
export const mostExamples = top + quantiles.length + random;

/** Tokens of a context before and after the one that it is about. */
export const contextTokens = { before: 16, after: 8 } as const;

/**
 * The features that fire, in their order, one after the other.
 * @param rows of the activations; as many as there are tokens
 * @param seed draws the random ones, feature by feature @throws input.shape where there are not as many tokens as rows
 */
export function* featureExamples(
  encoded: ExampleCodes,
  rows: number,
  tokens: Tokens,
  seed: number,
): Generator<FeatureExamples> {
  requireTokensOf(rows, tokens);
  const byFeature = transposeCodes(encoded.codes);
  const contexts = new Contexts(tokens, encoded);
  for (let feature = 0; feature < byFeature.rows; feature++) {
    const firing = firingOf(byFeature, feature);
    if (firing.rows.length === 0) continue;
    const chosen = choose(firing.values, new Rng(seed, 'examples', feature));
    const examples = chosen.map(({ kind, rank, entry }): FeatureExample => {
      const n = firing.rows[entry];
      const { first, last } = contexts.around(n);
      return {
        kind,
        rank,
        row: rowOfCode(n, encoded),
        code: firing.values[entry],
        codes: codesOn(firing, entry, first, last),
        from: rowOfCode(first, encoded),
      };
    });
    yield { feature, examples };
  }
}

/** Rows of the codes on which a feature fires, ascending, and its codes there. */
interface Firing {
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

function firingOf({ offsets, indices, values }: SparseCodes, feature: number): Firing {
  const [from, to] = [offsets[feature], offsets[feature + 1]];
  return { rows: indices.subarray(from, to), values: values.subarray(from, to) };
}

interface Chosen {
  readonly kind: FeatureExample['kind'];
  readonly rank: number;
  /** Which of the rows on which the feature fires. */
  readonly entry: number;
}

function choose(values: Float32Array, rng: Rng): Chosen[] {
  const m = values.length;
  const atPlace = orderOf(values);
  const all: Chosen[] = [];
  const add = (kind: Chosen['kind'], entries: readonly number[]) =>
    entries.forEach((entry, rank) => {
      all.push({ kind, rank, entry });
    });
  add(
    'top',
    Array.from({ length: Math.min(top, m) }, (_, place) => atPlace(place)),
  );
  if (m <= top) return all;
  add(
    'quantile',
    quantiles.map((q) => atPlace(Math.round((1 - q) * (m - 1)))),
  );
  const drawn = new Set<number>();
  while (drawn.size < random) drawn.add(rng.below(m));
  add('random', [...drawn]);
  return all;
}

/** Finds the entry at a place in the order of |code|; a few are asked for, so nothing but the sizes is sorted. */
function orderOf(values: Float32Array): (place: number) => number {
  const sizes = new Float32Array(values.length);
  for (let e = 0; e < sizes.length; e++) sizes[e] = Math.abs(values[e]);
  const sorted = sizes.slice().sort();
  return (place) => {
    const at = sorted.length - 1 - place;
    const size = sorted[at];
    let end = at + 1;
    while (end < sorted.length && sorted[end] === size) end++;
    // Of equal ones, as many as come before it in the order.
    let before = end - 1 - at;
    let entry = sizes.indexOf(size);
    while (before-- > 0) entry = sizes.indexOf(size, entry + 1);
    return entry;
  };
}

function codesOn({ rows, values }: Firing, entry: number, first: number, last: number): number[] {
  const codes = new Array<number>(last - first + 1).fill(0);
  for (let e = entry; e >= 0 && rows[e] >= first; e--) codes[rows[e] - first] = values[e];
  for (let e = entry + 1; e < rows.length && rows[e] <= last; e++) codes[rows[e] - first] = values[e];
  return codes;
}

/** Which rows of the codes stand around one: of the same sequence, as far as they are there. */
class Contexts {
  constructor(
    private readonly tokens: Tokens,
    private readonly encoded: ExampleCodes,
  ) {}

  around(n: number): { readonly first: number; readonly last: number } {
    const { before, after } = contextTokens;
    let first = n;
    while (n - first < before && this.#follows(first)) first--;
    let last = n;
    while (last - n < after && last + 1 < this.encoded.codes.rows && this.#follows(last + 1)) last++;
    return { first, last };
  }

  /** Whether a row follows the one before it in a sequence. */
  #follows(n: number): boolean {
    if (n === 0) return false;
    const [row, before] = [rowOfCode(n, this.encoded), rowOfCode(n - 1, this.encoded)];
    const { document, position } = this.tokens;
    return row === before + 1 && document[row] === document[before] && position[row] > position[before];
  }
}
