// A further null of decoder.max: directions drawn with the second moment that each set of decoder rows itself has.
//
// Of a set with unit rows û_1 … û_F take the second moment M = (1/F) Σ û_i·û_iᵀ [d × d], and draw F directions x/‖x‖
// with x normal and centred, such that E[x·xᵀ/‖x‖²] = M. They are scored like the decoders. So what two SAEs agree in
// because both spread their rows over the same few dimensions stays in the null, and what goes is the agreement of
// single features: a score above it is more than a shared subspace.
// x = V·√λ·g with g standard normal, V the eigenvectors of M. λ is not quite their eigenvalues: scaling to length 1
// evens them out, which stats/angular-gaussian.ts makes up for.
import { throwIfCancelled } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { angularGaussianSpectrum } from '../../stats/angular-gaussian.js';
import { type Matrix, sharedFloat32, takeRows, unitRows, zeros } from '../../tensor/matrix.js';
import type { Rng } from '../../tensor/rng.js';
import { drawScores } from '../draws/draw-scores.js';
import type { DrawOptions } from '../draws/draws.js';
import type { Directions } from '../pairs/directions.js';
import { bestScore } from '../pairs/directions.js';
import type { NullModel } from './model.js';
import { drawnNull, type Null } from './null.js';

export const model: NullModel<'covariance-matched'> = {
  kind: 'covariance-matched',
  words: {
    name: 'null: random directions of the same spread',
    short: 'same covariance',
    definition:
      'As many directions, drawn with the second moment of each set itself: agreement beyond it is more than a ' +
      'subspace that both use.',
    level: 'for random directions that crowd into the same dimensions',
    rival: 'random directions that crowd into the same dimensions',
  },
  version: 1,
  keeps: ['crowding'],
  holdsForFewerPairs: true,
  fits: ({ family, compares }) =>
    family === 'decoder' && compares.of === 'directions' && compares.by === 'best',
  level: async ({ id, version, compares }, _, context) => {
    const sets = compares.of === 'directions' ? compares.sets(context.members) : undefined;
    if (!sets) return undefined;
    return context.ofGroup(['covariance-matched', id, version], () =>
      covarianceMatchedNull(sets, context.draw),
    );
  },
};

/** Whole groups are drawn up to this many multiply-adds to make one set; beyond, a few rounds of pairs. */
const whole = 2 ** 20;

/** How to draw from one set: its number of directions F, and V·√λ [d × d]. */
interface Source {
  readonly features: number;
  readonly factor: Matrix;
}

/**
 * The null of `decoder.max` or, with `features`, of `decoder.max.live`. Undefined where a set has no direction, or
 * below two sets.
 * @throws usage.argument below two draws; input.shape when the sets differ in d
 */
export async function covarianceMatchedNull(
  sets: readonly Directions[],
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<Null | undefined> {
  const work: WorkOptions = signal ? { signal } : {};
  const sources: Source[] = [];
  for (const { rows, features } of sets) {
    throwIfCancelled(signal);
    const { unit } = unitRows(features ? takeRows(rows, features) : rows);
    if (unit.rows === 0) return undefined;
    sources.push({ features: unit.rows, factor: await factorOf(unit, kernel, work) });
  }
  if (sources.length < 2) return undefined;
  const [drawn] = await drawScores(
    {
      stream: 'covariance-matched',
      labels: [...sources.keys()],
      make: (member, rng) => drawFrom(sources[member], rng, kernel, work),
      score: async (a, b) => [await bestScore(a, b, kernel, work)],
      whole: sources.every(({ features, factor }) => features * factor.cols ** 2 <= whole),
    },
    { seed, draws, ...work },
  );
  return drawnNull('covariance-matched', drawn);
}

/** V·√λ [d × d] of these unit rows [F × d]. */
async function factorOf(unit: Matrix, kernel: Kernel, work: WorkOptions): Promise<Matrix> {
  const d = unit.cols;
  const { vectors, values } = await kernel.topSubspace(unit, d, work);
  const lambda = angularGaussianSpectrum(values.map((sigma) => sigma ** 2));
  const out = zeros(d, d);
  for (let r = 0; r < d; r++) {
    for (let j = 0; j < d; j++) out.data[j * d + r] = Math.sqrt(lambda[r]) * vectors[r * d + j];
  }
  return out;
}

/** F vectors V·√λ·g [F × d]: what an encoder with the rows of V·√λ reads from g, when every feature is kept. */
async function drawFrom(
  { features, factor }: Source,
  rng: Rng,
  kernel: Kernel,
  work: WorkOptions,
): Promise<Matrix> {
  const d = factor.cols;
  const g = zeros(features, d);
  rng.fillNormal(g.data);
  const product = await kernel.encodeTopK(
    {
      encoder: factor.data,
      encoderBias: sharedFloat32(d),
      decoder: factor.data,
      decoderBias: sharedFloat32(d),
    },
    g,
    { k: d, relu: false, subtractDecoderBias: false },
    work,
  );
  const out = zeros(features, d);
  for (let n = 0; n < features; n++) {
    for (let e = product.offsets[n]; e < product.offsets[n + 1]; e++) {
      out.data[n * d + product.indices[e]] = product.values[e];
    }
  }
  return out;
}
