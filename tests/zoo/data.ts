// Activations with a known truth: rows are sparse sums of the atoms of a dictionary, or something spoilt on purpose.
import type { Tokens } from '../../src/activations/tokens.js';
import { randomDirections } from '../../src/metrics/chance/best-match.js';
import { type Matrix, type Rng, row, unitRows, zeros } from '../../src/tensor/index.js';

/** Unit rows [atoms×d], uniform on the sphere. */
export function atoms(count: number, d: number, rng: Rng): Matrix {
  return unitRows(randomDirections(count, d, rng)).unit;
}

export interface Sparse {
  readonly rows: number;
  /** Atoms in each row. */
  readonly active: number;
  /** SD of the noise on every entry; atoms have length 1 and weights from 0.5 to 1.5. */
  readonly noise: number;
  /** Atom i is chosen with a chance proportional to (i + 1)^−skew; by default all alike. */
  readonly skew?: number;
}

/** Rows [rows×d] that are sums of a few atoms; an atom may be chosen twice. */
export function sparseSums(dictionary: Matrix, { rows, active, noise, skew = 0 }: Sparse, rng: Rng): Matrix {
  const x = zeros(rows, dictionary.cols);
  const choose = chooser(dictionary.rows, skew, rng);
  for (let n = 0; n < rows; n++) {
    const to = row(x, n);
    for (let a = 0; a < active; a++) {
      add(to, row(dictionary, choose()), 0.5 + rng.uniform());
    }
    for (let j = 0; j < to.length; j++) to[j] += noise * rng.normal();
  }
  return x;
}

/** Draws numbers below n with chances proportional to (i + 1)^−skew. */
function chooser(n: number, skew: number, rng: Rng): () => number {
  const sums: number[] = [];
  for (let i = 0; i < n; i++) sums.push((sums[i - 1] ?? 0) + (i + 1) ** -skew);
  return () => {
    const at = rng.uniform() * sums[n - 1];
    return sums.findIndex((sum) => at < sum);
  };
}

/** Contexts of this length one after the other; token `t` says of a row which it is, and rows at position 0 are "<s>". */
export function contexts(rows: number, length: number, token: (n: number) => string): Tokens {
  const texts: string[] = [];
  const numberOf = (text: string) => {
    if (!texts.includes(text)) texts.push(text);
    return texts.indexOf(text);
  };
  const all = Int32Array.from({ length: rows }, (_, n) => n);
  return {
    rows,
    document: all.map((n) => Math.floor(n / length)),
    position: all.map((n) => n % length),
    token: all.map((n) => numberOf(n % length === 0 ? '<s>' : token(n))),
    texts,
  };
}

/** to += scale · vector */
export function add(to: Float32Array, vector: Float32Array, scale: number): void {
  for (let j = 0; j < to.length; j++) to[j] += scale * vector[j];
}
