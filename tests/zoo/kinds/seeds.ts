// Kinds whose seeds are the trouble: agreement of an SAE with itself, or of runs that share where they started.
import { plain } from '../../../src/training/recipes/plain.js';
import { float16, reordered, rescaled } from '../alter.js';
import { base, type Given, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind, Truth, Workshop } from '../case.js';
import type { Trained } from '../train.js';

// An SAE agrees with itself: that says nothing about what a second run would find.
const notApplied: Truth = { cause: ['seeds.not-applied'], verdict: ['cannot-tell'] };
const sameStart: Truth = { cause: ['seeds.same-init'], verdict: ['cannot-tell'] };

/** Copies of one trained SAE, each changed in a way that leaves its features what they are. */
function copies(
  name: string,
  change: (run: Trained, workshop: Workshop, copy: number) => Trained,
  given?: Given,
): Kind {
  return {
    name,
    truth: notApplied,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return {
        x,
        members: members(
          [0, 1, 2].map((copy) => change(runs[0], workshop, copy)),
          given,
        ),
      };
    },
  };
}

const permuted = (run: Trained, workshop: Workshop, copy: number) =>
  reordered(run, workshop.rng('copies', copy).permutation(square.features));

export const seedKinds: readonly Kind[] = [
  // The seed that is on record draws a start that this SAE never had.
  copies('seed-never-applied', (run, workshop, copy) => ({
    ...run,
    init: plain.init(ownSeeds(workshop.seed)[copy].init, square.d, square.features),
  })),
  copies('permuted-copies', permuted, { start: false }),
  copies(
    'sign-flipped-copies',
    (run, workshop, copy) => {
      const rng = workshop.rng('flipped', copy);
      return rescaled(
        run,
        Float64Array.from({ length: square.features }, () => (rng.uniform() < 0.5 ? -1 : 1)),
      );
    },
    { start: false },
  ),
  copies(
    'rescaled-copies',
    (run, workshop, copy) => {
      const rng = workshop.rng('scales', copy);
      return rescaled(
        permuted(run, workshop, copy),
        Float64Array.from({ length: square.features }, () => 0.5 + rng.uniform()),
      );
    },
    { start: false },
  ),
  // The same checkpoint as float32, as float16, and as float16 in another order.
  copies(
    'float16-copies',
    (run, workshop, copy) =>
      copy === 0 ? run : copy === 1 ? float16(run) : float16(permuted(run, workshop, copy)),
    { start: false },
  ),
  // The same without activations: weights alone give it away.
  {
    name: 'permuted-copies-weights-only',
    truth: notApplied,
    async make(workshop) {
      const { runs } = await base(workshop, square);
      const three = [0, 1, 2].map((copy) => permuted(runs[0], workshop, copy));
      return { members: members(three, { start: false, codes: false }) };
    },
  },
  {
    // Two of the three files are one run: a third of the pairs compare an SAE with itself.
    name: 'two-of-three-alike',
    truth: { cause: ['seeds.not-applied'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x, members: members([runs[0], runs[1], runs[1]]) };
    },
  },
  {
    // Three orders of the data from one start: what they share may be the start.
    name: 'same-init',
    truth: sameStart,
    make: async (workshop) => {
      const { x, runs } = await fromOneStart(workshop);
      return { x, members: members(runs) };
    },
  },
  {
    // The same without being told the start: every feature comes back at the index it had.
    name: 'same-init-unknown',
    truth: sameStart,
    make: async (workshop) => {
      const { x, runs } = await fromOneStart(workshop);
      return { x, members: members(runs, { start: false }) };
    },
  },
];

/** Three runs from one start, each with an order of its own. */
export async function fromOneStart(workshop: Workshop) {
  const { x } = await base(workshop, square);
  const [{ init }] = ownSeeds(workshop.seed);
  const seeds = ownSeeds(workshop.seed).map(({ order }) => ({ init, order }));
  return { x, runs: await trainedOn(workshop, 'one start', x, square, seeds) };
}
