// Contract of encodeTopK: the k largest float64 pre-activations of each row, ties to the lower index.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EncodeOptions, Kernel, TopKWeights } from '../../src/kernel/interface.js';
import { fromRows, type Matrix, matrix, Rng, type SparseCodes } from '../../src/tensor/index.js';
import { describeEveryKernel, kernelMakers } from './every-kernel.js';
import { screenedMakers } from './every-screen.js';
import { laneProduct } from './lane-product.js';

/** Codes of every row as [feature, value] pairs, from all pre-activations sorted. */
function naive(w: TopKWeights, x: Matrix, { k, relu, subtractDecoderBias }: EncodeOptions): number[][][] {
  const d = x.cols;
  const centred = {
    ...x,
    data: x.data.map((value, e) => value - (subtractDecoderBias ? w.decoderBias[e % d] : 0)),
  };
  const encoder = { rows: w.encoderBias.length, cols: d, data: w.encoder };
  return Array.from({ length: x.rows }, (_, n) => {
    const pre = Array.from(w.encoderBias, (bias, i) => laneProduct(centred, n, encoder, i) + bias);
    return [...pre.keys()]
      .sort((i, j) => pre[j] - pre[i] || i - j)
      .slice(0, k)
      .sort((i, j) => i - j)
      .map((i) => [i, Math.fround(relu ? Math.max(0, pre[i]) : pre[i])])
      .filter(([, value]) => value !== 0);
  });
}

function listed({ rows, offsets, indices, values }: SparseCodes): number[][][] {
  return Array.from({ length: rows }, (_, n) =>
    Array.from({ length: offsets[n + 1] - offsets[n] }, (_, e) => [
      indices[offsets[n] + e],
      values[offsets[n] + e],
    ]),
  );
}

type Kind =
  | 'gaussian'
  | 'two values'
  | 'three values'
  | 'near ties'
  | 'nearer ties'
  | 'one huge coordinate'
  | 'halves of a step'
  | 'rows of zeros';

const draw: Record<Kind, (rng: Rng) => number> = {
  gaussian: (rng) => rng.normal(),
  'two values': (rng) => rng.below(2) - 1,
  'three values': (rng) => rng.below(3) - 1,
  // Rounding to 8 bits puts these out of order.
  'near ties': (rng) => 1 + rng.below(16) * 2 ** -11,
  // And rounding to 16 bits these.
  'nearer ties': (rng) => 1 + rng.below(16) * 2 ** -19,
  // Beside it 16 bits keep nothing of the others.
  'one huge coordinate': (rng) => (rng.uniform() < 0.05 ? 1e6 : 0.5) * rng.normal(),
  // Halfway between two steps of a 16-bit scale that the length of the row sets.
  'halves of a step': (rng) => (rng.uniform() < 0.05 ? 32000 : rng.below(4) - 1.5),
  'rows of zeros': (rng) => (rng.uniform() < 0.02 ? 1 : 0),
};
const kinds = Object.keys(draw) as Kind[];

function randomCase(rows: number, d: number, features: number, kind: Kind, seed: number, scale = 1) {
  const rng = new Rng(seed, 'encoding');
  const values = (n: number): Float32Array => Float32Array.from({ length: n }, () => scale * draw[kind](rng));
  const weights: TopKWeights = {
    encoder: values(features * d),
    encoderBias: values(features),
    decoder: new Float32Array(features * d),
    decoderBias: values(d),
  };
  return { weights, x: matrix(rows, d, values(rows * d)) };
}

function everyTest(one: Kernel, two: Kernel): void {
  const weights: TopKWeights = {
    encoder: Float32Array.of(1, 0, 0, 1, -1, 0, 1, 1),
    encoderBias: Float32Array.of(0, 0.5, 0, 0),
    decoder: new Float32Array(8),
    decoderBias: Float32Array.of(1, 1),
  };

  it('selects by hand', async () => {
    // Pre-activations: [2, -0.5, -2, 1] and, after subtracting the bias, [1, -1.5, -1, -1].
    const x = fromRows([[2, -1]]);
    const plain = { k: 2, relu: false, subtractDecoderBias: false };
    expect(listed(await one.encodeTopK(weights, x, plain))).toEqual([
      [
        [0, 2],
        [3, 1],
      ],
    ]);
    // −1 twice: the lower index wins; ReLU then leaves one code.
    expect(listed(await one.encodeTopK(weights, x, { ...plain, subtractDecoderBias: true }))).toEqual([
      [
        [0, 1],
        [2, -1],
      ],
    ]);
    const relu = { k: 2, relu: true, subtractDecoderBias: true };
    expect(listed(await one.encodeTopK(weights, x, relu))).toEqual([[[0, 1]]]);
  });

  it('takes every feature when k exceeds their number, and no rows at all', async () => {
    const options = { k: 9, relu: false, subtractDecoderBias: false };
    expect(listed(await one.encodeTopK(weights, fromRows([[2, -1]]), options))[0].length).toBe(4);
    const empty = await one.encodeTopK(weights, matrix(0, 2, new Float32Array(0)), options);
    expect([empty.rows, empty.features, empty.indices.length]).toEqual([0, 4, 0]);
    const featureless: TopKWeights = {
      encoder: new Float32Array(0),
      encoderBias: new Float32Array(0),
      decoder: new Float32Array(0),
      decoderBias: new Float32Array(2),
    };
    const none = await one.encodeTopK(featureless, fromRows([[2, -1]]), options);
    expect([none.rows, none.features, [...none.offsets]]).toEqual([1, 0, [0, 0]]);
  });

  it('equals them where more rows than a block leave too much to a coarse screen', async () => {
    for (const kind of kinds) {
      const { weights: w, x } = randomCase(300, 24, 150, kind, 3);
      const options = { k: 7, relu: false, subtractDecoderBias: true };
      expect(listed(await two.encodeTopK(w, x, options))).toEqual(naive(w, x, options));
    }
  });

  it('equals the sorted float64 pre-activations on any shape', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 40 }),
          d: fc.integer({ min: 1, max: 50 }),
          features: fc.integer({ min: 1, max: 200 }),
          k: fc.integer({ min: 1, max: 40 }),
          kind: fc.constantFrom(...kinds),
          scale: fc.constantFrom(1, 1, 1e-22, 1e18),
          relu: fc.boolean(),
          subtractDecoderBias: fc.boolean(),
          seed: fc.nat(),
        }),
        async ({ rows, d, features, kind, scale, seed, ...options }) => {
          const { weights: w, x } = randomCase(rows, d, features, kind, seed, scale);
          expect(listed(await two.encodeTopK(w, x, options))).toEqual(naive(w, x, options));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('returns the same bytes on one and on two threads', async () => {
    const { weights: w, x } = randomCase(1500, 20, 100, 'gaussian', 3);
    const options = { k: 5, relu: false, subtractDecoderBias: true };
    expect(await two.encodeTopK(w, x, options)).toEqual(await one.encodeTopK(w, x, options));
  });
}

describeEveryKernel('encodeTopK', everyTest, [...kernelMakers, ...screenedMakers]);
