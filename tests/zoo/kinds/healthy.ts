// Healthy kinds: SAEs that were trained to the end on data with enough to find; nothing may be called an artefact.
import { type Matrix, row, rowRange, subtract, takeRows } from '../../../src/tensor/index.js';
import { float16, normalised, rescaled, withLongRow, withMeanInBias, withRows } from '../alter.js';
import { type Base, base, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind, Truth } from '../case.js';
import { atoms, sparseSums } from '../data.js';
import { recoded, shifted, withHeavyColumn, withMassiveRows } from './data.js';

const found: Truth = { healthy: true, verdict: ['reproducible'] };
const foundInPart: Truth = { healthy: true, verdict: ['reproducible', 'partly'] };

// Trained to the end at d, F and N of every proportion: what comes back is what there is.
const small: Base = { ...square, d: 20, atoms: 36, features: 32, k: 3 };
const narrow: Base = { ...square, d: 48, atoms: 64, features: 32, k: 3, rows: 1000 };
const overcomplete: Base = { ...square, d: 32, atoms: 112, features: 96, rows: 2000, epochs: 80 };
const wide: Base = { ...square, d: 64, atoms: 256, features: 192, rows: 2000, epochs: 60 };
const five: Base = { ...square, d: 24, atoms: 52, features: 48, k: 3, saes: 5 };
const two: Base = { ...square, atoms: 72, saes: 2 };
const noisy: Base = { ...square, rows: 1500, noise: 0.1 };

function asTrained(name: string, plan: Base, truth = found): Kind {
  return {
    name,
    truth,
    async make(workshop) {
      const { x, runs } = await base(workshop, plan);
      return { x, members: members(runs) };
    },
  };
}

export const healthyKinds: readonly Kind[] = [
  asTrained('healthy-square', square),
  asTrained('healthy-small', small),
  // Half as many features as atoms: each SAE has to leave out half, and not the same half.
  asTrained('healthy-narrow', narrow, foundInPart),
  asTrained('healthy-overcomplete', overcomplete),
  asTrained('healthy-wide', wide),
  asTrained('healthy-five-saes', five),
  asTrained('healthy-two-saes', two),
  asTrained('healthy-noisy', noisy, foundInPart),
  {
    // A few dead features move no score by more than its spread: no reason to warn.
    name: 'healthy-few-dead',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, { ...square, atoms: 60, features: 70 });
      return { x, members: members(runs) };
    },
  },
  {
    // Every third row stands there twice: copies, but of nearly all rows there are.
    name: 'healthy-some-copies',
    truth: found,
    async make(workshop) {
      const { x } = await base(workshop, square);
      const third = Math.floor(x.rows / 3);
      const copied = takeRows(
        x,
        Array.from({ length: x.rows }, (_, n) => (n < third ? n + third : n)),
      );
      const runs = await trainedOn(workshop, 'some copies', copied, square);
      return { x: copied, members: members(runs) };
    },
  },
  {
    // One row in a hundred is four times as long: long rows, but of one kind with the others.
    name: 'healthy-longer-rows',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x: withMassiveRows(x, 10, 8, workshop.rng('longer')), members: recoded(runs) };
    },
  },
  {
    // One row of a thousand is massive, and holds an eighth of the variance: it moves no score that is to be read.
    name: 'healthy-one-massive-row',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x: withMassiveRows(x, 1, 25, workshop.rng('one massive')), members: recoded(runs) };
    },
  },
  {
    // A mean five times as long as what tells rows apart, which the biases have taken up: no feature knows of it.
    name: 'healthy-mean-in-bias',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const moved = shifted(x, 10, workshop.rng('mean'));
      const mean = subtract(rowRange(moved, 0, 1), rowRange(x, 0, 1)).data;
      return { x: moved, members: recoded(runs.map((run) => withMeanInBias(run, mean))) };
    },
  },
  {
    // One coordinate varies four times as much as the others: unequal, but of one kind with them.
    name: 'healthy-larger-dimension',
    truth: foundInPart,
    async make(workshop) {
      const { x } = await base(workshop, square);
      const uneven = withHeavyColumn(x, 4, workshop.rng('larger'));
      const runs = await trainedOn(workshop, 'larger dimension', uneven, { ...square, k: 5 });
      return { x: uneven, members: members(runs) };
    },
  },
  {
    // Directions of unequal strength, as in every real residual stream, but all of them used.
    name: 'healthy-anisotropic',
    truth: foundInPart,
    async make(workshop) {
      const rng = workshop.rng('anisotropic');
      const plan = { ...square, rows: 1500 };
      const x = sparseSums(
        atoms(plan.atoms, plan.d, rng),
        { rows: plan.rows, active: plan.k, noise: 0.02 },
        rng,
      );
      const strength = Array.from({ length: plan.d }, (_, j) => (1 + j) ** -0.3);
      const stretched = { ...x, data: x.data.map((value, at) => value * 2 * strength[at % x.cols]) };
      const runs = await trainedOn(workshop, 'anisotropic', stretched, plan);
      return { x: stretched, members: members(runs) };
    },
  },
  {
    // Features as unequal as in language: the commonest atom is in every fourth row, the rarest in every hundredth.
    name: 'healthy-zipf',
    truth: foundInPart,
    async make(workshop) {
      const rng = workshop.rng('zipf');
      const rows = sparseSums(
        atoms(72, square.d, rng),
        { rows: 2000, active: 4, noise: 0.02, skew: 0.8 },
        rng,
      );
      const runs = await trainedOn(workshop, 'zipf', rows, { ...square, epochs: 100 });
      return { x: rows, members: members(runs) };
    },
  },
  {
    // One order of the data, three starts: the start is what has to differ, and it does.
    name: 'healthy-same-order',
    truth: found,
    async make(workshop) {
      const { x } = await base(workshop, square);
      const seeds = ownSeeds(workshop.seed).map(({ init }) => ({ init, order: workshop.seed }));
      return { x, members: members(await trainedOn(workshop, 'one order', x, square, seeds)) };
    },
  },
  {
    // Widths may differ; each is close to the number of atoms.
    name: 'healthy-different-widths',
    truth: foundInPart,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const seeds = ownSeeds(workshop.seed);
      const [narrower] = await trainedOn(workshop, 'width 56', x, { ...square, features: 56 }, [seeds[1]]);
      const [wider] = await trainedOn(workshop, 'width 76', x, { ...square, features: 76 }, [seeds[2]]);
      return { x, members: members([runs[0], narrower, wider]) };
    },
  },
  {
    // Only weights: less can be asked, but what can is in order.
    name: 'healthy-weights-only',
    truth: found,
    async make(workshop) {
      const { runs } = await base(workshop, square);
      return { members: members(runs, { start: false, codes: false }) };
    },
  },
  {
    name: 'healthy-unknown-init',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x, members: members(runs, { start: false }) };
    },
  },
  {
    // Rounding by half a thousandth of a weight changes no cosine that anybody would print.
    name: 'healthy-float16',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x, members: members(runs.map(float16)) };
    },
  },
  {
    // The scale of a feature is a convention: code times row is what it was, and cosines don't see it.
    name: 'healthy-rescaled',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const rng = workshop.rng('rescaled');
      const factors = () =>
        Float64Array.from({ length: square.features }, () => 4 ** (2 * rng.uniform() - 1));
      return {
        x,
        members: members(
          runs.map((run) => rescaled(run, factors())),
          { start: false },
        ),
      };
    },
  },
  {
    // The headline scores take |cosine|: a sign is a convention too.
    name: 'healthy-sign-flipped',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const rng = workshop.rng('signs');
      const signs = () =>
        Float64Array.from({ length: square.features }, () => (rng.uniform() < 0.5 ? -1 : 1));
      return { x, members: members(runs.map((run) => rescaled(run, signs()))) };
    },
  },
  {
    // One file keeps unit decoder rows, the others raw ones: the cosines are the same.
    name: 'healthy-normalised-against-raw',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return { x, members: members([normalised(runs[0]), runs[1], runs[2]]) };
    },
  },
  {
    // Two features of 64 are there twice, as in any wide dictionary.
    name: 'healthy-few-duplicates',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const copied = (m: Matrix) => withRows(m, new Map([0, 1].map((i) => [i, row(m, 2 + i).slice()])));
      return {
        x,
        members: recoded(
          runs.map((run) => ({
            ...run,
            sae: { ...run.sae, decoder: copied(run.sae.decoder), encoder: copied(run.sae.encoder) },
          })),
        ),
      };
    },
  },
  {
    // One row eight times as long as the others: lengths differ, and no cosine sees it.
    name: 'healthy-long-row',
    truth: found,
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return {
        x,
        members: members(
          runs.map((run) => withLongRow(run, 8)),
          { start: false },
        ),
      };
    },
  },
];
