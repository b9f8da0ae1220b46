// Activations with a known truth: rows are sparse sums of the atoms of a dictionary, or something spoilt on purpose.
import { randomDirections } from '../../src/nulls/random-directions.js';
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
}

/** Rows [rows×d] that are sums of a few atoms, every atom as likely as every other. */
export function sparseSums(dictionary: Matrix, { rows, active, noise }: Sparse, rng: Rng): Matrix {
  const x = zeros(rows, dictionary.cols);
  for (let n = 0; n < rows; n++) {
    const to = row(x, n);
    for (let a = 0; a < active; a++) {
      add(to, row(dictionary, rng.below(dictionary.rows)), 0.5 + rng.uniform());
    }
    for (let j = 0; j < to.length; j++) to[j] += noise * rng.normal();
  }
  return x;
}

/** to += scale · vector */
export function add(to: Float32Array, vector: Float32Array, scale: number): void {
  for (let j = 0; j < to.length; j++) to[j] += scale * vector[j];
}
