// The dense operations (ReLU, JumpReLU, Gated) give the bytes of the portable functions: whatever the shape, the threads, the pieces.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayList, type DenseHyper, type DenseLoss, denseArrays } from '../../src/kernel/dense.js';
import { encodeDense } from '../../src/kernel/portable/dense.js';
import { forwardBackward, trainDense } from '../../src/kernel/portable/dense-step.js';
import { Rng } from '../../src/tensor/index.js';
import { optimiser, plain, randomTask, tiny } from './dense-cases.js';
import { describeEveryKernel } from './every-kernel.js';
import { randomBatches, randomRows } from './training-cases.js';

function bytes(values: Float32Array | Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

const variants: DenseLoss[] = [
  { ...plain, architecture: 'relu', weighByDecoderNorm: true, meanOverWidth: true },
  { ...plain, architecture: 'relu', subtractDecoderBias: true },
  { ...plain, architecture: 'jumprelu', bandwidth: 0.05, subtractDecoderBias: true },
  { ...plain, architecture: 'jumprelu', bandwidth: 0.3, targetL0: 9 },
  { ...plain, architecture: 'gated', weighByDecoderNorm: true, subtractDecoderBias: true },
];

describeEveryKernel('dense autoencoders', (one, two) => {
  test.each(
    variants,
  )('the same bytes as the portable functions, at any number of threads, %o', async (loss) => {
    const x = randomRows(230, 19, 200, 3);
    const clip = loss.subtractDecoderBias ? { clipNorm: 0.5 } : {};
    const hyper: DenseHyper = { ...loss, ...optimiser, ...clip };
    const make = () => [1, 2, 3].map((seed) => randomTask(loss.architecture, x.rows, 75, x.cols, 12, seed));
    const expected = make();
    const losses = expected.map((task) => trainDense(x, task, hyper));
    for (const kernel of [one, two]) {
      const tasks = make();
      expect(await kernel.trainDense(x, tasks, hyper)).toEqual(losses);
      expect(tasks).toEqual(expected);
      // Fewer tasks than threads: the threads share one.
      const alone = make()[0];
      expect(await kernel.trainDense(x, [alone], hyper)).toEqual([losses[0]]);
      expect(alone).toEqual(expected[0]);
      const { weights } = expected[1].state;
      const batch = randomBatches(x.rows, 90, 1, 4)[0];
      expect(await kernel.forwardBackward(weights, x, batch, { ...loss, sparsity: 0.1 })).toEqual(
        forwardBackward(weights, x, batch, { ...loss, sparsity: 0.1 }),
      );
      expect(await kernel.encodeDense(weights, x, loss)).toEqual(encodeDense(weights, x, loss));
    }
  });

  test('the same bytes on small problems of any shape', async () => {
    await fc.assert(
      fc.asyncProperty(tiny, async ({ x, weights, loss }) => {
        const batch = Int32Array.from({ length: x.rows }, (_, n) => n);
        expect(await two.forwardBackward(weights, x, batch, loss)).toEqual(
          forwardBackward(weights, x, batch, loss),
        );
        expect(await two.encodeDense(weights, x, loss)).toEqual(encodeDense(weights, x, loss));
      }),
      { numRuns: 40 },
    );
  });

  test.each(variants)('the same entries where many stand at their very limit, %o', async (loss) => {
    // Small whole numbers: many π + b are exactly 0, θ or θ ± ε/2, which no screening may lose.
    const rng = new Rng(5, 'limits');
    const whole = (n: number, most: number) =>
      Float32Array.from({ length: n }, () => Math.round(most * (2 * rng.uniform() - 1)));
    const [rows, features, width] = [70, 90, 8];
    const x = { rows, cols: width, data: whole(rows * width, 2) };
    const weights = denseArrays<Float32Array>(loss.architecture, features, width, (n) => whole(n, 3));
    const limits = { ...loss, sparsity: 0.1, bandwidth: 2 };
    const batch = Int32Array.from({ length: rows }, (_, n) => n);
    const expected = forwardBackward(weights, x, batch, limits);
    for (const kernel of [one, two]) {
      expect(await kernel.forwardBackward(weights, x, batch, limits)).toEqual(expected);
      expect(await kernel.encodeDense(weights, x, limits)).toEqual(encodeDense(weights, x, limits));
    }
  });

  test.each([
    'relu',
    'gated',
  ] as const)('rows and tables too large for one piece, %s', async (architecture) => {
    const [rows, features, width] = [150, 210, 1030];
    const x = randomRows(rows, width, rows, 11);
    const { weights } = randomTask(architecture, rows, features, width, 1, 12).state;
    const batch = Int32Array.from({ length: rows }, (_, n) => n);
    const loss: DenseLoss = { ...plain, architecture, subtractDecoderBias: true, weighByDecoderNorm: true };
    const expected = forwardBackward(weights, x, batch, loss);
    for (const kernel of [one, two]) {
      const { parts, gradients } = await kernel.forwardBackward(weights, x, batch, loss);
      expect(parts).toEqual(expected.parts);
      arrayList(gradients).forEach((found, a) => {
        expect(Buffer.compare(bytes(found), bytes(arrayList(expected.gradients)[a]))).toBe(0);
      });
    }
  });

  test.each(variants)('the same bytes while training diverges, %o', async (loss) => {
    const x = randomRows(60, 9, 60, 8);
    for (const clip of [{}, { clipNorm: 1 }]) {
      const hyper: DenseHyper = {
        ...loss,
        ...optimiser,
        projectGradient: false,
        normaliseDecoder: false,
        ...clip,
      };
      const make = () => {
        const task = randomTask(loss.architecture, x.rows, 40, x.cols, 6, 4);
        return { ...task, learningRates: new Float64Array(6).fill(1e25) };
      };
      const expected = make();
      const losses = trainDense(x, expected, hyper);
      expect(losses.some(({ total }) => !Number.isFinite(total))).toBe(true);
      const task = make();
      expect(await two.trainDense(x, [task], hyper)).toEqual([losses]);
      expect(task).toEqual(expected);
    }
  });

  test('codes of more rows than one piece of work takes, and of none', async () => {
    const { weights } = randomTask('relu', 1, 5, 2, 1, 6).state;
    for (const rows of [0, 1, 2600]) {
      const x = randomRows(rows, 2, rows, 5);
      const encoding = { architecture: 'relu', subtractDecoderBias: true } as const;
      expect(await two.encodeDense(weights, x, encoding)).toEqual(encodeDense(weights, x, encoding));
    }
  });

  test('one call does the same as several, and no steps do nothing', async () => {
    const x = randomRows(90, 6, 90, 2);
    const hyper: DenseHyper = { ...plain, ...optimiser };
    const task = randomTask('relu', 90, 20, 6, 5, 1);
    const { state } = randomTask('relu', 90, 20, 6, 5, 1);
    const [whole] = await two.trainDense(x, [task], hyper);
    const parts = [];
    for (const [from, to] of [
      [0, 2],
      [2, 2],
      [2, 5],
    ]) {
      const [losses] = await two.trainDense(
        x,
        [
          {
            state,
            batches: task.batches.slice(from, to),
            learningRates: task.learningRates.slice(from, to),
            sparsities: task.sparsities.slice(from, to),
          },
        ],
        hyper,
      );
      parts.push(...losses);
    }
    expect(parts).toEqual(whole);
    expect(state).toEqual(task.state);
    expect(await two.trainDense(x, [], hyper)).toEqual([]);
  });
});
