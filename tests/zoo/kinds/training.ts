// Kinds whose training is the trouble: not far enough from the start, or most features never took part.
import { row, rowNorms } from '../../../src/tensor/index.js';
import { plain } from '../../../src/training/recipes/plain.js';
import { mapped, scaledRows } from '../alter.js';
import { type Base, base, type Given, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind, Truth, Workshop } from '../case.js';
import { add, atoms, sparseSums } from '../data.js';
import { type Shape, trainedFrom } from '../train.js';

const atTheStart: Truth = {
  cause: ['training.init-drift', 'training.unfinished'],
  verdict: ['cannot-tell'],
};

// Two epochs at a small rate: rows have not turned.
const barely: Base = { ...square, epochs: 2, learningRate: 3e-4 };

// Eight epochs at a third of the rate: rows have begun to turn, and point to their start to a cosine of 0.96.
const begun: Base = { ...square, epochs: 8, learningRate: 1e-3 };

export const trainingKinds: readonly Kind[] = [
  stopped('undertrained', barely, { ...atTheStart, also: ['training.init-drift'] }),
  stopped('undertrained-begun', begun, atTheStart),
  // The start is not given, but entries still fill a box of one size, as Kaiming's rule leaves them.
  stopped('undertrained-unknown-init', barely, atTheStart, { start: false }),
  stopped('undertrained-begun-unknown-init', begun, atTheStart, { start: false }),
  // Rows have turned by more than 45°, but twice the steps would take a quarter of the loss away: what they turn into is
  // open.
  stopped(
    'still-falling',
    { ...square, epochs: 16, learningRate: 2e-3 },
    { cause: ['training.unfinished'], verdict: ['cannot-tell', 'partly'] },
  ),
  // Of four runs the second was stopped early: the mean over all pairs is neither that of the others nor its own.
  oneShorter('one-stopped-early', 40, 3e-3, {
    cause: ['members.odd-one-out'],
    verdict: ['reproducible', 'partly'],
  }),
  // Half the training of the others, which is nearly all that there is to learn.
  oneShorter('healthy-one-shorter', 80, 8e-3, { healthy: true, verdict: ['reproducible'] }),
  {
    // Encoders that began as their decoders' transposes still are, and rows still have length 1.
    name: 'undertrained-tied-unknown-init',
    truth: atTheStart,
    make: (workshop) => fromTiedStart(workshop, 'barely', barely),
  },
  {
    // The same start, trained to the end: nothing of it is left to find.
    name: 'healthy-tied-unknown-init',
    truth: { healthy: true, verdict: ['reproducible'] },
    make: (workshop) => fromTiedStart(workshop, 'to the end', square),
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
      const shape = { features: 256, k: 4, epochs: 30, learningRate: 1e-3 };
      return { x, members: members(await trainedOn(workshop, 'mostly dead', x, shape)) };
    },
  },
];

function stopped(name: string, plan: Base, truth: Truth, given?: Given): Kind {
  return {
    name,
    truth,
    async make(workshop) {
      const { x, runs } = await base(workshop, plan);
      return { x, members: members(runs, given) };
    },
  };
}

/** Unit decoder rows and encoders that are their transposes, as SAELens draws them; the start is not given. */
async function fromTiedStart(workshop: Workshop, name: string, shape: Shape) {
  const { x } = await base(workshop, square);
  const starts = ownSeeds(workshop.seed).map(({ init, order }) => {
    const drawn = plain.init(init, square.d, square.features);
    const decoder = scaledRows(
      drawn.decoder,
      rowNorms(drawn.decoder).map((norm) => 1 / norm),
    );
    return { start: { ...drawn, decoder, encoder: mapped(decoder, (value) => value) }, order };
  });
  const runs = await workshop.once(`tied ${name}`, () => trainedFrom(x, shape, starts, workshop.kernel));
  return { x, members: members(runs, { start: false }) };
}

/** Four runs, of which the second was trained for so many epochs at this rate. */
function oneShorter(name: string, epochs: number, learningRate: number, truth: Truth): Kind {
  return {
    name,
    truth,
    async make(workshop) {
      const { x, runs } = await base(workshop, { ...square, saes: 4 });
      const seeds = ownSeeds(workshop.seed, 5).slice(4);
      const [shorter] = await trainedOn(workshop, name, x, { ...square, epochs, learningRate }, seeds);
      return { x, members: members([runs[0], shorter, runs[1], runs[2]]) };
    },
  };
}
