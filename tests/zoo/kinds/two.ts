// Kinds with two artefacts at once: both must be named, and the one first that decides what can be said.
import { row } from '../../../src/tensor/index.js';
import { mapped, reordered, rescaled, scaledRows, withLongRow } from '../alter.js';
import { base, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind, Truth, Workshop } from '../case.js';
import { add, atoms, sparseSums } from '../data.js';
import type { Shape, Trained } from '../train.js';
import {
  noiseIn,
  padded,
  planted,
  recoded,
  repeated,
  shifted,
  withHeavyColumn,
  withMassiveRows,
} from './data.js';
import { fromOneStart } from './seeds.js';
import { withDuplicates } from './weights.js';

/** Both findings must be raised; where nothing else is said, either may come first. */
function two(
  name: string,
  both: readonly [Truth['cause'] & object, Truth['cause'] & object],
  truth: Pick<Truth, 'cause' | 'verdict'>,
  make: Kind['make'],
): Kind {
  const also = both.map(([id]) => id);
  return { name, truth: { cause: both.flat(), ...truth, also, artefacts: 2 }, make };
}

const cannotTell: Truth['verdict'] = ['cannot-tell'];
const usual: Shape = { features: 64, k: 4, epochs: 40, learningRate: 3e-3 };

export const doubleKinds: readonly Kind[] = [
  // Runs of one start tell nothing of the features, on whatever rows they are compared.
  two(
    'same-init-and-massive-rows',
    [['seeds.same-init'], ['data.massive-rows']],
    { cause: ['seeds.same-init'], verdict: cannotTell },
    async (workshop) => {
      const { x, runs } = await fromOneStart(workshop);
      return { x: withMassiveRows(x, 4, 100, workshop.rng('two', 'massive')), members: recoded(runs) };
    },
  ),
  two(
    'copies-and-padding',
    [['seeds.not-applied'], ['data.distinct-rows']],
    { cause: ['seeds.not-applied'], verdict: cannotTell },
    async (workshop) => {
      const { x, runs } = await base(workshop, square);
      return {
        x: padded(x, 8000, workshop.rng('two', 'padding')),
        members: recoded(permutedCopies(runs[0], workshop)),
      };
    },
  ),
  two(
    'copies-and-few-directions',
    [['seeds.not-applied'], ['data.effective-rank']],
    { cause: ['seeds.not-applied'], verdict: cannotTell },
    async (workshop) => {
      const rng = workshop.rng('two', 'directions');
      const x = noiseIn(1500, atoms(3, 64, rng), rng);
      const shape = { ...usual, features: 16, k: 8, epochs: 60 };
      const [run] = await trainedOn(workshop, 'two: few directions', x, shape, ownSeeds(workshop.seed, 1));
      return { x, members: members(permutedCopies(run, workshop), { start: false }) };
    },
  ),
  // All features live and are "dead by norm", and there is only one SAE.
  two(
    'copies-and-tiny-rows',
    [['seeds.not-applied'], ['usage.norm-is-not-usage']],
    { cause: ['seeds.not-applied'], verdict: cannotTell },
    async (workshop) => {
      const { x, runs } = await base(workshop, square);
      const tiny = rescaled(runs[0], new Float64Array(square.features).fill(1e-3));
      return { x, members: members(permutedCopies(tiny, workshop), { start: false }) };
    },
  ),
  two(
    'same-init-and-dead-features',
    [['seeds.same-init'], ['usage.dead-by-firing']],
    { cause: ['seeds.same-init'], verdict: cannotTell },
    async (workshop) => {
      const rng = workshop.rng('two', 'dead');
      const x = sparseSums(atoms(64, 32, rng), { rows: 1000, active: 4, noise: 0.02 }, rng);
      const mean = atoms(1, 32, rng).data;
      for (let n = 0; n < x.rows; n++) add(row(x, n), mean, 6);
      const shape = { features: 256, k: 4, epochs: 30, learningRate: 1e-3 };
      const runs = await trainedOn(workshop, 'two: dead of one start', x, shape, oneStart(workshop));
      return { x, members: members(runs) };
    },
  ),
  // Rows that have not turned, and eighty of them worth two thousand.
  two(
    'undertrained-and-repeated-rows',
    [['training.init-drift', 'training.unfinished'], ['data.distinct-rows']],
    { cause: ['training.init-drift', 'training.unfinished'], verdict: cannotTell },
    async (workshop) => {
      const x = repeated(planted(80, workshop.rng('two', 'repeated')), 2000);
      const shape = { ...usual, features: 48, epochs: 1, learningRate: 3e-4 };
      return { x, members: members(await trainedOn(workshop, 'two: barely, repeated', x, shape)) };
    },
  ),
  two(
    'nan-and-massive-rows',
    [['numerics.non-finite'], ['data.massive-rows']],
    { verdict: ['reproducible', 'partly'] },
    async (workshop) => {
      const { x, runs } = await base(workshop, square);
      const decoder = mapped(runs[0].sae.decoder, (value) => value);
      decoder.data[workshop.rng('two', 'nan').below(decoder.data.length)] = Number.NaN;
      const spoilt = { ...runs[0], sae: { ...runs[0].sae, decoder } };
      return {
        x: withMassiveRows(x, 4, 100, workshop.rng('two', 'massive')),
        members: recoded([spoilt, runs[1], runs[2]]),
      };
    },
  ),
  two(
    'zero-rows-and-massive-rows',
    [['numerics.zero-features'], ['data.massive-rows']],
    { verdict: ['reproducible', 'partly'] },
    async (workshop) => {
      const { x, runs } = await base(workshop, square);
      const changed = runs.map((run, i) => {
        const none = new Set(workshop.rng('two', 'zero', i).permutation(square.features).slice(0, 2));
        const scale = Float64Array.from({ length: square.features }, (_, f) => (none.has(f) ? 0 : 1));
        return { ...run, sae: { ...run.sae, decoder: scaledRows(run.sae.decoder, scale) } };
      });
      return { x: withMassiveRows(x, 4, 100, workshop.rng('two', 'massive')), members: recoded(changed) };
    },
  ),
  // One of four was stopped early, and four first tokens are among the rows.
  two(
    'odd-one-out-and-massive-rows',
    [['members.odd-one-out'], ['data.massive-rows']],
    { verdict: ['reproducible', 'partly'] },
    async (workshop) => {
      const { x, runs } = await base(workshop, { ...square, saes: 4 });
      const shape = { ...square, epochs: 40, learningRate: 3e-3 };
      const [shorter] = await trainedOn(
        workshop,
        'one-stopped-early',
        x,
        shape,
        ownSeeds(workshop.seed, 5).slice(4),
      );
      return {
        x: withMassiveRows(x, 4, 100, workshop.rng('two', 'massive')),
        members: recoded([runs[0], shorter, runs[1], runs[2]]),
      };
    },
  ),
  // Two runs, one of them there twice, and a stranger from another layer.
  two('copies-and-stranger', [['seeds.not-applied'], ['data.misfit']], {}, async (workshop) => {
    const { x, runs } = await base(workshop, square);
    const other = await base(workshop, { ...square, rows: 1001 });
    return { x, members: recoded([runs[0], runs[1], runs[1], other.runs[2]]) };
  }),
  two(
    'duplicated-features-and-padding',
    [['features.duplicated'], ['data.distinct-rows']],
    {},
    async (workshop) => {
      const rng = workshop.rng('two', 'duplicates');
      const x = padded(planted(400, rng), 4000, rng);
      const runs = await trainedOn(workshop, 'two: padded', x, usual);
      return {
        x,
        members: runs.map(({ sae }, i) => ({
          id: `s${i}`,
          sae: withDuplicates(sae, 26, workshop.rng('two', i)),
        })),
      };
    },
  ),
  // One coordinate drowns the others, and nine rows in ten are padding.
  two(
    'heavy-dimension-and-padding',
    [['data.heavy-dimensions', 'data.effective-rank'], ['data.distinct-rows']],
    {},
    async (workshop) => {
      const rng = workshop.rng('two', 'heavy');
      const x = padded(withHeavyColumn(planted(400, rng), 40, rng), 4000, rng);
      return { x, members: members(await trainedOn(workshop, 'two: heavy, padded', x, { ...usual, k: 6 })) };
    },
  ),
  two(
    'same-init-and-large-mean',
    [['seeds.same-init'], ['data.mean']],
    { cause: ['seeds.same-init'], verdict: cannotTell },
    async (workshop) => {
      const rng = workshop.rng('two', 'mean');
      const x = shifted(planted(1200, rng), 5, rng);
      const runs = await trainedOn(workshop, 'two: mean of one start', x, usual, oneStart(workshop));
      return { x, members: members(runs) };
    },
  ),
  // What is trained on first tokens serves them, and eighty other rows are worth two thousand.
  two(
    'massive-rows-and-repeated-rows',
    [['data.massive-rows'], ['data.distinct-rows']],
    {},
    async (workshop) => {
      const rng = workshop.rng('two', 'massive, repeated');
      const x = withMassiveRows(repeated(planted(80, rng), 2000), 8, 200, rng);
      return { x, members: members(await trainedOn(workshop, 'two: massive, repeated', x, usual)) };
    },
  ),
  // A linear map of eighty rows: everything fires on everything.
  two(
    'always-on-and-repeated-rows',
    [['usage.always-on', 'metric.wrong-null'], ['data.distinct-rows']],
    { verdict: ['not-beyond-chance', 'cannot-tell'] },
    async (workshop) => {
      const rng = workshop.rng('two', 'everything');
      const x = shifted(repeated(planted(40, rng), 1000), 10, rng);
      const shape = { features: 24, k: 24, epochs: 100, learningRate: 2e-2 };
      return { x, members: members(await trainedOn(workshop, 'two: everything', x, shape)) };
    },
  ),
  // One of four was stopped early, and another has a row that is 300 times as long as its others.
  two(
    'odd-one-out-and-giant-feature',
    [['members.odd-one-out'], ['weights.degenerate']],
    { verdict: ['reproducible', 'partly'] },
    async (workshop) => {
      const { x, runs } = await base(workshop, { ...square, saes: 4 });
      const shape = { ...square, epochs: 40, learningRate: 3e-3 };
      const [shorter] = await trainedOn(
        workshop,
        'one-stopped-early',
        x,
        shape,
        ownSeeds(workshop.seed, 5).slice(4),
      );
      return {
        x,
        members: members([withLongRow(runs[0], 300), shorter, runs[1], runs[2]], { start: false }),
      };
    },
  ),
];

function oneStart({ seed }: Workshop) {
  const [{ init }] = ownSeeds(seed);
  return ownSeeds(seed).map(({ order }) => ({ init, order }));
}

function permutedCopies(run: Trained, workshop: Workshop): Trained[] {
  const features = run.sae.decoder.rows;
  return [0, 1, 2].map((copy) => reordered(run, workshop.rng('two', 'copies', copy).permutation(features)));
}
