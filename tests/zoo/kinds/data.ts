// Kinds whose activations are the trouble: too few rows, copies, too few directions, one that drowns the others.

import type { Member } from '../../../src/sae/member.js';
import { type Matrix, type Rng, row, takeRows, zeros } from '../../../src/tensor/index.js';
import { base, members, square, trainedOn } from '../bases.js';
import type { Kind, Truth } from '../case.js';
import { add, atoms, sparseSums } from '../data.js';
import type { Shape, Trained } from '../train.js';

const usual: Shape = { features: 64, k: 4, epochs: 40, learningRate: 3e-3 };

export const dataKinds: readonly Kind[] = [
  // 24 points can't determine 96 directions. That most features then never fire is what one sees first. What the 24 have may come
  // back all the same, and then so much may be said.
  onData(
    'few-distinct-rows',
    {
      cause: ['data.distinct-rows', 'usage.dead-by-firing'],
      verdict: ['cannot-tell', 'partly'],
      also: ['data.distinct-rows'],
    },
    { ...usual, features: 96 },
    (rng) => repeated(planted(24, rng), 1200),
  ),
  // More points than features, but every one of them 25 times: 2000 rows are worth 80.
  onData('repeated-rows', { cause: ['data.distinct-rows'] }, { ...usual, features: 48 }, (rng) =>
    repeated(planted(80, rng), 2000),
  ),
  // Nine rows in ten are the embedding of the padding token: what fires on it decides every score of codes.
  onData('padding-rows', { cause: ['data.distinct-rows'] }, usual, (rng) =>
    padded(planted(200, rng), 2000, rng),
  ),
  // Ten class means and a breath of noise: no two rows are equal, and still there are only ten.
  onData(
    'class-means',
    {
      cause: ['data.distinct-rows', 'usage.dead-by-firing'],
      verdict: ['cannot-tell', 'partly'],
      also: ['data.distinct-rows'],
    },
    { ...usual, features: 96 },
    (rng) => {
      const x = repeated(planted(10, rng), 1200);
      for (let at = 0; at < x.data.length; at++) x.data[at] += 0.003 * rng.normal();
      return x;
    },
  ),
  // Three directions of 64, and nothing but noise in them: dictionaries agree because they have to.
  onData(
    'few-directions',
    { cause: ['data.effective-rank'], verdict: ['not-beyond-chance', 'cannot-tell'] },
    { ...usual, features: 16, k: 8, epochs: 60 },
    (rng) => noiseIn(1500, atoms(3, 64, rng), rng),
  ),
  // One direction: agreement is certain and says nothing.
  onData(
    'one-direction',
    { cause: ['data.effective-rank'], verdict: ['not-beyond-chance', 'cannot-tell'] },
    { ...usual, features: 8, epochs: 60, learningRate: 1e-2 },
    (rng) => noiseIn(1000, atoms(1, 32, rng), rng),
  ),
  // Eight of 64 directions hold everything, and nothing in them is a feature: a ball of noise has none.
  onData(
    'shared-subspace',
    {
      cause: ['data.effective-rank', 'identifiability.width', 'metric.wrong-null'],
      verdict: ['not-beyond-chance', 'cannot-tell'],
    },
    { ...usual, features: 48, k: 16, epochs: 60 },
    (rng) => noiseIn(1500, atoms(8, 64, rng), rng),
  ),
  // 256 features for six directions of noise: any two dictionaries cover the sphere, so any two agree.
  onData(
    'too-wide',
    {
      cause: ['identifiability.width', 'metric.wrong-null'],
      verdict: ['not-beyond-chance', 'cannot-tell'],
      also: ['identifiability.width'],
    },
    { ...usual, features: 256, k: 8 },
    (rng) => noiseIn(2000, atoms(40, 6, rng), rng),
  ),
  // A massive activation: one direction with 60 times the strength of the others is all that a rank sees.
  onData('one-giant-direction', { cause: ['data.effective-rank'] }, { ...usual, k: 8 }, (rng) => {
    const x = planted(1200, rng);
    const giant = atoms(1, x.cols, rng).data;
    for (let n = 0; n < x.rows; n++) add(row(x, n), giant, 60 * rng.normal());
    return x;
  }),
  // First tokens: five rows in a thousand are a hundred times as long, along one line. What is trained on them serves them.
  onData('massive-rows', { cause: ['data.massive-rows'] }, usual, (rng) => {
    const x = planted(1200, rng);
    return withMassiveRows(x, 6, 200, rng);
  }),
  // A mean more than twice as long as what tells rows apart, and a bias that starts at 0: features take it up, and most die of it.
  onData('large-mean', { cause: ['data.mean', 'usage.dead-by-firing'], also: ['data.mean'] }, usual, (rng) =>
    shifted(planted(1200, rng), 5, rng),
  ),
  // One coordinate of 32 varies forty times as much as the others, and tells nothing of the features. That it is most of what a
  // rank sees is as true.
  onData(
    'heavy-dimension',
    { cause: ['data.heavy-dimensions', 'data.effective-rank'], also: ['data.heavy-dimensions'] },
    { ...usual, k: 6 },
    (rng) => withHeavyColumn(planted(1200, rng), 40, rng),
  ),
  {
    // SAEs of ordinary rows, measured on some that have four first tokens among them: the features are there all the same.
    name: 'massive-rows-when-compared',
    truth: { cause: ['data.massive-rows'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x: withMassiveRows(x, 4, 100, workshop.rng('massive')), members: recoded(runs) };
    },
  },
];

/** A copy with one direction of this length added to every row. */
export function shifted(x: Matrix, length: number, rng: Rng): Matrix {
  const out = { ...x, data: x.data.slice() };
  const mean = atoms(1, x.cols, rng).data;
  for (let n = 0; n < x.rows; n++) add(row(out, n), mean, length);
  return out;
}

/** A copy in which one coordinate has noise of so many times the SD of all entries. */
export function withHeavyColumn(x: Matrix, times: number, rng: Rng): Matrix {
  const out = { ...x, data: x.data.slice() };
  const sd = Math.sqrt(x.data.reduce((sum, v) => sum + v * v, 0) / x.data.length);
  const column = rng.below(x.cols);
  for (let n = 0; n < x.rows; n++) out.data[n * x.cols + column] += times * sd * rng.normal();
  return out;
}

/** Members whose codes are made anew, on the activations of their group. */
export function recoded(runs: readonly Trained[]): Member[] {
  return members(runs, { codes: false });
}

/** A copy in which some rows are as long as this, and along one line but for a tenth of that. */
export function withMassiveRows(x: Matrix, count: number, length: number, rng: Rng): Matrix {
  const out = { ...x, data: x.data.slice() };
  const line = atoms(1, x.cols, rng).data;
  for (let i = 0; i < count; i++) {
    const to = row(out, Math.floor(((i + 0.5) * x.rows) / count));
    add(to, line, length);
    add(to, atoms(1, x.cols, rng).data, 0.1 * length);
  }
  return out;
}

/** Three SAEs that were trained on what `draw` makes. */
function onData(name: string, truth: Truth, shape: Shape, draw: (rng: Rng) => Matrix): Kind {
  return {
    name,
    truth,
    async make(workshop) {
      const x = draw(workshop.rng(name));
      return { x, members: members(await trainedOn(workshop, name, x, shape)) };
    },
  };
}

export function planted(rows: number, rng: Rng): Matrix {
  return sparseSums(atoms(64, square.d, rng), { rows, active: 4, noise: 0.02 }, rng);
}

/** The rows among as many of padding as it takes, all of them alike. */
export function padded(x: Matrix, rows: number, rng: Rng): Matrix {
  const all = zeros(rows, x.cols);
  const padding = atoms(1, x.cols, rng).data;
  all.data.set(x.data);
  for (let n = x.rows; n < all.rows; n++) row(all, n).set(padding);
  return takeRows(all, rng.permutation(all.rows));
}

/** Each row as often as it takes to make `rows`. */
export function repeated(x: Matrix, rows: number): Matrix {
  return takeRows(
    x,
    Array.from({ length: rows }, (_, n) => n % x.rows),
  );
}

/** Normal coefficients on these directions, and a little noise beside them. */
export function noiseIn(rows: number, directions: Matrix, rng: Rng): Matrix {
  const x = zeros(rows, directions.cols);
  for (let n = 0; n < rows; n++) {
    for (let b = 0; b < directions.rows; b++) add(row(x, n), row(directions, b), rng.normal());
    for (let j = 0; j < x.cols; j++) x.data[n * x.cols + j] += 0.003 * rng.normal();
  }
  return x;
}
