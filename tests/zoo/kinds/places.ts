// Kinds whose tokens are known: first positions, separators and padding that are unlike all other rows, alone, with another artefact,
// and near enough to the others to be left alone.
import { type Matrix, type Rng, row } from '../../../src/tensor/index.js';
import { reordered } from '../alter.js';
import { base, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind, Truth } from '../case.js';
import { add, atoms, contexts, sparseSums } from '../data.js';
import type { Shape } from '../train.js';
import { padded, planted, recoded, repeated, withHeavyColumn, withMassiveRows } from './data.js';
import { fromOneStart } from './seeds.js';

const usual: Shape = { features: 64, k: 4, epochs: 40, learningRate: 3e-3 };
const found: Truth = { healthy: true, verdict: ['reproducible'] };

const both = (cause: NonNullable<Truth['cause']>, other: NonNullable<Truth['cause']>[number]): Truth => ({
  cause,
  also: ['data.position', other],
  artefacts: 2,
});

export const placeKinds: readonly Kind[] = [
  {
    // Contexts of ten tokens: one row in ten is a first position, eight times as long as the others. Too many to be called massive.
    name: 'first-positions',
    truth: { cause: ['data.position'], also: ['data.position'] },
    async make(workshop) {
      const rng = workshop.rng('first positions');
      const x = withFirstPositions(planted(1200, rng), 10, 16, rng);
      const runs = await trainedOn(workshop, 'first positions', x, usual);
      return { x, members: members(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    // The same when SAEs of ordinary rows are compared: the features are there all the same.
    name: 'first-positions-when-compared',
    truth: { cause: ['data.position'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = withFirstPositions(x, 10, 16, workshop.rng('first positions, compared'));
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    // A separator, wherever it stands: one row in fifteen, four times as long as the others.
    name: 'separators',
    truth: { cause: ['data.position'] },
    async make(workshop) {
      const rng = workshop.rng('separators');
      const x = planted(1200, rng);
      const line = atoms(1, x.cols, rng).data;
      const is = Uint8Array.from({ length: x.rows }, () => (rng.uniform() < 1 / 15 ? 1 : 0));
      for (let n = 0; n < x.rows; n++) if (is[n] === 1) add(row(x, n), line, 9);
      const runs = await trainedOn(workshop, 'separators', x, usual);
      return {
        x,
        members: members(runs),
        tokens: contexts(x.rows, 60, (n) => (is[n] === 1 ? '\n' : word(n))),
      };
    },
  },
  {
    // Half of the rows are padding, which is not the same everywhere: no copies, no clusters, and no row is far from the others.
    name: 'uneven-padding',
    truth: { cause: ['data.position'], also: ['data.position'] },
    async make(workshop) {
      const rng = workshop.rng('uneven padding');
      const x = withPaddedEnds(planted(2000, rng), 40, 20, rng);
      const runs = await trainedOn(workshop, 'uneven padding', x, usual);
      return { x, members: members(runs), tokens: paddedEnds(x.rows, 40, 20) };
    },
  },
  {
    // Near the bound: one row in sixteen, a bit more than twice as far from the middle as the others.
    name: 'first-positions-just-far',
    truth: { cause: ['data.position'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = withFirstPositions(x, 16, 5.5, workshop.rng('just far'));
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 16, word) };
    },
  },
  {
    // Four first positions, each massive: the massive rows are the finding, and it is said where they stand.
    name: 'massive-first-positions',
    truth: { cause: ['data.massive-rows'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = withFirstPositions(x, 250, 100, workshop.rng('massive firsts'));
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 250, word) };
    },
  },
  {
    // Padding that is the same everywhere: copies are the finding, and it is said which token they are.
    name: 'padding-with-tokens',
    truth: { cause: ['data.distinct-rows'] },
    async make(workshop) {
      const rng = workshop.rng('padding with tokens');
      const x = padded(planted(200, rng), 2000, rng);
      const kinds = kindsOf(x);
      const runs = await trainedOn(workshop, 'padding with tokens', x, usual);
      const tokens = contexts(x.rows, 2000, (n) => (kinds[n] > 1 ? '<pad>' : word(n)));
      return { x, members: members(runs), tokens };
    },
  },
  {
    name: 'same-init-and-first-positions',
    truth: { ...both(['seeds.same-init'], 'seeds.same-init'), verdict: ['cannot-tell'] },
    async make(workshop) {
      const { x, runs } = await fromOneStart(workshop);
      const moved = withFirstPositions(x, 10, 16, workshop.rng('two', 'first positions'));
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    name: 'copies-and-uneven-padding',
    truth: { ...both(['seeds.not-applied'], 'seeds.not-applied'), verdict: ['cannot-tell'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = withPaddedEnds(x, 40, 20, workshop.rng('two', 'uneven padding'));
      const order = (copy: number) => workshop.rng('two', 'copies', copy).permutation(square.features);
      const copies = [0, 1, 2].map((copy) => reordered(runs[0], order(copy)));
      return { x: moved, members: recoded(copies), tokens: paddedEnds(x.rows, 40, 20) };
    },
  },
  {
    // Four massive rows anywhere, and first positions eight times as long as the others.
    name: 'massive-rows-and-first-positions',
    truth: {
      ...both(['data.massive-rows', 'data.position'], 'data.massive-rows'),
      verdict: ['reproducible', 'partly'],
    },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const rng = workshop.rng('two', 'massive and first');
      const moved = withMassiveRows(withFirstPositions(x, 25, 16, rng), 4, 300, rng);
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 25, word) };
    },
  },
  {
    // Eighty rows worth two thousand, half of each context padding.
    name: 'repeated-rows-and-uneven-padding',
    truth: both(['data.position', 'data.distinct-rows'], 'data.distinct-rows'),
    async make(workshop) {
      const rng = workshop.rng('two', 'repeated and padding');
      const x = repeated(withPaddedEnds(planted(80, rng), 40, 20, rng), 2000);
      const runs = await trainedOn(workshop, 'two: repeated and padding', x, { ...usual, features: 48 });
      return { x, members: members(runs), tokens: paddedEnds(x.rows, 40, 20) };
    },
  },
  {
    // One coordinate drowns the others, and first positions are longer than all.
    name: 'heavy-dimension-and-first-positions',
    truth: both(['data.position', 'data.heavy-dimensions', 'data.effective-rank'], 'data.heavy-dimensions'),
    async make(workshop) {
      const rng = workshop.rng('two', 'heavy and first');
      const x = withFirstPositions(withHeavyColumn(planted(1200, rng), 40, rng), 10, 80, rng);
      const runs = await trainedOn(workshop, 'two: heavy and first', x, { ...usual, k: 6 });
      return { x, members: members(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    // As first-positions, of SAEs most of whose features never fire.
    name: 'dead-features-and-first-positions',
    truth: both(['data.position', 'usage.dead-by-firing'], 'usage.dead-by-firing'),
    async make(workshop) {
      const rng = workshop.rng('two', 'dead and first');
      const plain = sparseSums(atoms(24, 32, rng), { rows: 1000, active: 4, noise: 0.02 }, rng);
      const x = withFirstPositions(plain, 10, 16, rng);
      const shape = { features: 256, k: 4, epochs: 30, learningRate: 1e-3 };
      const runs = await trainedOn(workshop, 'two: dead and first', x, shape, ownSeeds(workshop.seed));
      return { x, members: members(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    // Tokens are known, and nothing is the matter.
    name: 'healthy-with-tokens',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x, members: members(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    // First positions half again as far from the middle as the others: longer, but of one kind with them.
    name: 'healthy-longer-first-positions',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = withFirstPositions(x, 10, 2.4, workshop.rng('longer firsts'));
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 10, word) };
    },
  },
  {
    // One row in a hundred is four times as long as the others, and holds an eighth of the variance.
    name: 'healthy-few-first-positions',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = withFirstPositions(x, 100, 8, workshop.rng('few firsts'));
      return { x: moved, members: recoded(runs), tokens: contexts(x.rows, 100, word) };
    },
  },
  {
    // A third of the tokens are one, as blanks of a model that reads letters, and as different from each other as all rows are.
    name: 'healthy-common-token',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return {
        x,
        members: members(runs),
        tokens: contexts(x.rows, 50, (n) => (n % 3 === 1 ? ' ' : word(n))),
      };
    },
  },
];

/** Any of two hundred words. */
function word(n: number): string {
  return ` w${(n * 7919) % 211}`;
}

function paddedEnds(rows: number, context: number, from: number) {
  return contexts(rows, context, (n) => (n % context >= from ? '<pad>' : word(n)));
}

/** How often each row is there. */
function kindsOf(x: Matrix): number[] {
  const names = Array.from({ length: x.rows }, (_, n) => row(x, n).join());
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name) => counts.get(name) as number);
}

/** A copy in which the first row of each context is longer by so much, along one line but for a tenth of that. */
function withFirstPositions(x: Matrix, context: number, length: number, rng: Rng): Matrix {
  const out = { ...x, data: x.data.slice() };
  const line = atoms(1, x.cols, rng).data;
  for (let n = 0; n < x.rows; n += context) {
    add(row(out, n), line, length);
    add(row(out, n), atoms(1, x.cols, rng).data, 0.1 * length);
  }
  return out;
}

/** A copy in which contexts end in padding from this position on: one vector, and a quarter of what was there. */
function withPaddedEnds(x: Matrix, context: number, from: number, rng: Rng): Matrix {
  const out = { ...x, data: x.data.slice() };
  const padding = atoms(1, x.cols, rng).data;
  for (let n = 0; n < x.rows; n++) {
    if (n % context < from) continue;
    const to = row(out, n);
    for (let j = 0; j < to.length; j++) to[j] *= 0.25;
    add(to, padding, 2);
  }
  return out;
}
