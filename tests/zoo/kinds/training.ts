// Kinds whose training is the trouble: not far enough from the start, or most features never took part.

import { row, rowNorms, zeros } from '../../../src/tensor/index.js';
import { plain } from '../../../src/training/plain.js';
import { scaledRows } from '../alter.js';
import { base, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind, Truth } from '../case.js';
import { add, atoms, sparseSums } from '../data.js';
import { trainedFrom } from '../train.js';

const atTheStart: Truth = {
  cause: ['training.init-drift', 'training.unfinished'],
  verdict: ['cannot-tell'],
};

// Two epochs at a small rate: rows have hardly turned.
const barely = { ...square, epochs: 2, learningRate: 3e-4 };

export const trainingKinds: readonly Kind[] = [
  {
    name: 'undertrained',
    truth: atTheStart,
    async make(workshop) {
      const { x, runs } = await base(workshop, barely);
      return { x, members: members(runs) };
    },
  },
  {
    // The start is not given, but entries still fill a box of one size, as Kaiming's rule leaves them.
    name: 'undertrained-unknown-init',
    truth: atTheStart,
    async make(workshop) {
      const { x, runs } = await base(workshop, barely);
      return { x, members: members(runs, { init: false }) };
    },
  },
  {
    // Encoders that began as their decoders' transposes still are, and rows still have length 1.
    name: 'undertrained-tied-unknown-init',
    truth: atTheStart,
    async make(workshop) {
      const { x } = await base(workshop, square);
      const runs = await workshop.once('tied', () =>
        trainedFrom(x, barely, tiedStarts(workshop.seed), workshop.kernel),
      );
      return { x, members: members(runs, { init: false }) };
    },
  },
  {
    // The same start, trained to the end: nothing of it is left to find.
    name: 'healthy-tied-unknown-init',
    truth: { healthy: true, verdict: ['reproducible'] },
    async make(workshop) {
      const { x } = await base(workshop, square);
      const runs = await workshop.once('tied to the end', () =>
        trainedFrom(x, square, tiedStarts(workshop.seed), workshop.kernel),
      );
      return { x, members: members(runs, { init: false }) };
    },
  },
  {
    // Rows have turned, but the loss still falls fast: what they turn into is not decided.
    name: 'still-falling',
    truth: {
      cause: ['training.unfinished', 'training.init-drift'],
      verdict: ['cannot-tell', 'partly'],
    },
    async make(workshop) {
      const { x, runs } = await base(workshop, { ...square, epochs: 8, learningRate: 1e-3 });
      return { x, members: members(runs) };
    },
  },
  {
    // A large mean in the activations: the few features that point along it win every row, the others never learn.
    name: 'mostly-dead',
    truth: { cause: ['usage.dead-by-firing'], also: ['metric.dead-dilution'] },
    async make(workshop) {
      const rng = workshop.rng('mostly dead');
      const x = sparseSums(atoms(64, 32, rng), { rows: 1000, active: 4, noise: 0.02 }, rng);
      const mean = atoms(1, 32, rng).data;
      for (let n = 0; n < x.rows; n++) add(row(x, n), mean, 6);
      const runs = await trainedOn(workshop, 'mostly dead', x, {
        features: 256,
        k: 4,
        epochs: 30,
        learningRate: 1e-3,
      });
      return { x, members: members(runs) };
    },
  },
];

/** Unit decoder rows, and encoders that are their transposes. */
function tiedStarts(seed: number) {
  return ownSeeds(seed).map(({ init, order }) => {
    const drawn = plain.init(init, square.d, square.features);
    const decoder = scaledRows(
      drawn.decoder,
      rowNorms(drawn.decoder).map((norm) => 1 / norm),
    );
    const start = { ...drawn, decoder, encoder: zeros(square.features, square.d) };
    start.encoder.data.set(decoder.data);
    return { start, order };
  });
}
