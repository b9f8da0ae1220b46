// Kinds on real activations: rows of a language model's residual stream (tests/fixtures/language-model), 96 of 576 coordinates, centred and at length 1 on
// average, as they are and with massive rows, longer first positions, padding, a mean or copies put in.
import { openActivations } from '../../../src/activations/activation-rows.js';
import { readTokens, type Tokens } from '../../../src/activations/tokens.js';
import { type Matrix, type Rng, row, takeRows, zeros } from '../../../src/tensor/index.js';
import { members, trainedOn } from '../bases.js';
import type { Kind, Truth, Workshop } from '../case.js';
import { add, atoms } from '../data.js';
import type { Shape } from '../train.js';
import { padded, recoded, repeated, withMassiveRows } from './data.js';

const folder = new URL('../../fixtures/language-model', import.meta.url).pathname;

const shape: Shape = { features: 64, k: 4, epochs: 120, learningRate: 3e-3 };

interface Real {
  readonly x: Matrix;
  readonly tokens: Tokens;
}

let known: Promise<Real> | undefined;

/** Read once, whatever the seed. */
function real(): Promise<Real> {
  known ??= (async () => {
    const rows = await openActivations(folder);
    const x = await rows.read(0, rows.rows, zeros(rows.rows, rows.cols).data);
    await rows.close();
    return { x: scaled(someColumns(x)), tokens: await readTokens(folder) };
  })();
  return known;
}

/** Every sixth coordinate, so that a case takes seconds. */
function someColumns(x: Matrix): Matrix {
  const out = zeros(x.rows, x.cols / 6);
  for (let e = 0; e < out.data.length; e++) out.data[e] = x.data[6 * e];
  return out;
}

/** Without the mean of the rows, and at a mean length of 1. */
function scaled(x: Matrix): Matrix {
  const mean = new Float64Array(x.cols);
  for (let e = 0; e < x.data.length; e++) mean[e % x.cols] += x.data[e] / x.rows;
  const centred = x.data.map((v, e) => v - mean[e % x.cols]);
  let length = 0;
  for (let n = 0; n < x.rows; n++) {
    length += Math.hypot(...centred.subarray(n * x.cols, (n + 1) * x.cols)) / x.rows;
  }
  return { ...x, data: centred.map((v) => v / length) };
}

/** SAEs that are trained on what becomes of the rows. */
function trainedKind(
  name: string,
  truth: Truth,
  change: (of: Real, rng: Rng) => Real,
  own: Partial<Shape> = {},
): Kind {
  return {
    name,
    truth,
    async make(workshop) {
      const { x, tokens } = change(await real(), workshop.rng(name));
      const runs = await trainedOn(workshop, name, x, { ...shape, ...own });
      return { x, tokens, members: members(runs) };
    },
  };
}

/** SAEs of the rows as they are, compared on what becomes of these. */
function comparedKind(name: string, truth: Truth, change: (of: Real, rng: Rng) => Real): Kind {
  return {
    name,
    truth,
    async make(workshop: Workshop) {
      const plain = await real();
      const runs = await trainedOn(workshop, 'healthy-real', plain.x, shape);
      return { ...change(plain, workshop.rng(name)), members: recoded(runs) };
    },
  };
}

/** As many rows of another text for rows that are added: tokens of the rows that they are made of. */
function tokensOf({ document, position, token, texts }: Tokens, rows: ArrayLike<number>): Tokens {
  const take = (of: Int32Array) => Int32Array.from(rows, (n) => of[n]);
  return { rows: rows.length, document: take(document), position: take(position), token: take(token), texts };
}

const without = ({ x }: Real): Real => ({ x }) as Real;

export const realKinds: readonly Kind[] = [
  trainedKind('healthy-real', { healthy: true }, (of) => of),
  comparedKind('real-massive-rows', { cause: ['data.massive-rows'] }, ({ x, tokens }, rng) => ({
    x: withMassiveRows(x, 6, 100, rng),
    tokens,
  })),
  // One row in nine is eight times as long.
  comparedKind('real-first-positions', { cause: ['data.position'] }, ({ x, tokens }, rng) => {
    const out = { ...x, data: x.data.slice() };
    const line = atoms(1, x.cols, rng).data;
    for (let n = 0; n < x.rows; n++) if (tokens.position[n] % 9 === 1) add(row(out, n), line, 8);
    const first = tokens.position.map((p) => (p - 1) % 9);
    return { x: out, tokens: { ...tokens, position: first } };
  }),
  trainedKind('real-padding', { cause: ['data.distinct-rows'] }, ({ x }, rng) =>
    without({
      x: padded(
        takeRows(
          x,
          Int32Array.from({ length: 800 }, (_, n) => n),
        ),
        2400,
        rng,
      ),
    } as Real),
  ),
  trainedKind(
    'real-copies',
    { cause: ['data.distinct-rows', 'usage.dead-by-firing'], also: ['data.distinct-rows'] },
    ({ x, tokens }) => {
      const rows = Int32Array.from({ length: 2400 }, (_, n) => n % 80);
      return { x: repeated(takeRows(x, rows.slice(0, 80)), 2400), tokens: tokensOf(tokens, rows) };
    },
  ),
  trainedKind(
    'real-mean',
    { cause: ['data.mean', 'usage.dead-by-firing'], also: ['data.mean'] },
    ({ x, tokens }, rng) => {
      const out = { ...x, data: x.data.slice() };
      const mean = atoms(1, x.cols, rng).data;
      for (let n = 0; n < x.rows; n++) add(row(out, n), mean, 3);
      return { x: out, tokens };
    },
    { k: 8, epochs: 40, learningRate: 2e-3 },
  ),
];
