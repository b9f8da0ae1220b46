// A further null of decoder.max: directions drawn with the second moment that each set of decoder rows itself has.
//
// Of a set with unit rows û_1 … û_F take Σ = (1/F) Σ û_i·û_iᵀ [d × d], draw F vectors from N(0, Σ), and score them like
// the decoders. So what two SAEs agree in because both spread their rows over the same few dimensions stays in the
// null, and what goes is the agreement of single features: a score above it is more than a shared subspace.
// Drawn as x = L·g with Σ = L·Lᵀ (Cholesky) and g standard normal. Only the directions of x count; scaling x to length
// 1 changes its second moment a little where a few dimensions hold most of it.
import { CholeskyDecomposition, Matrix as Float64Matrix } from 'ml-matrix';
import { throwIfCancelled } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Directions } from '../similarity/directions.js';
import { type Matrix, sharedFloat32, takeRows, unitRows, zeros } from '../tensor/matrix.js';
import type { Rng } from '../tensor/rng.js';
import { drawScores } from './draw-scores.js';
import type { DrawOptions } from './draws.js';
import { drawnNull, type Null } from './null.js';
import { bestScore } from './random-directions.js';

/** Added to the diagonal of Σ, whose trace is 1: rows that miss some dimensions have a Σ without a factor. */
const ridge = 1e-12;

/** Whole groups are drawn up to this many multiply-adds to make one set; beyond, a few rounds of pairs. */
const whole = 2 ** 27;

/** How to draw from one set: its number of directions F, and L [d × d]. */
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

/** L [d × d], lower triangular, with L·Lᵀ = Σ of these unit rows [F × d]. */
async function factorOf(unit: Matrix, kernel: Kernel, work: WorkOptions): Promise<Matrix> {
  const d = unit.cols;
  const gram = await kernel.gram(unit, { centred: false, ...work });
  const sigma = Float64Matrix.zeros(d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) sigma.set(i, j, gram[i * d + j] / unit.rows + (i === j ? ridge : 0));
  }
  const lower = new CholeskyDecomposition(sigma).lowerTriangularMatrix;
  const out = zeros(d, d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) out.data[i * d + j] = lower.get(i, j);
  return out;
}

/** F vectors L·g [F × d]: what an encoder with the rows of L reads from g, when every feature is kept. */
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
