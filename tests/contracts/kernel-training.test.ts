// Contract of trainTopK: against dense maths written out, against PyTorch, and alike on every kernel and thread.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import {
  startTopKState,
  type TopKHyper,
  type TopKState,
  type TopKTask,
  type TopKWeights,
} from '../../src/kernel/top-k.js';
import type { Matrix } from '../../src/tensor/index.js';
import { describeEveryKernel, kernelMakers } from './every-kernel.js';
import {
  copyState,
  copyTask,
  hyper,
  learningRate,
  randomBatches,
  randomRows,
  randomState,
  taskOf,
  weightsOf,
} from './training-cases.js';

const names = ['encoder', 'encoderBias', 'decoder', 'decoderBias'] as const;

const variants = [
  { relu: false, subtractDecoderBias: false },
  { relu: true, subtractDecoderBias: false },
  { relu: false, subtractDecoderBias: true },
  { relu: true, subtractDecoderBias: true },
];

/** Weights as float64, so that finite differences can move them. */
type Dense = Record<keyof TopKWeights, Float64Array>;

function widen(w: TopKWeights): Dense {
  return {
    encoder: Float64Array.from(w.encoder),
    encoderBias: Float64Array.from(w.encoderBias),
    decoder: Float64Array.from(w.decoder),
    decoderBias: Float64Array.from(w.decoderBias),
  };
}

/** Mean squared error of the batch by the definition, all features decoded. */
function denseLoss(w: Dense, x: Matrix, batch: Int32Array, h: TopKHyper): number {
  const d = x.cols;
  let sum = 0;
  for (const n of batch) {
    const input = x.data.subarray(n * d, (n + 1) * d);
    const pre = Array.from(w.encoderBias, (bias, i) => {
      let p = bias;
      for (let j = 0; j < d; j++) {
        p += w.encoder[i * d + j] * (input[j] - (h.subtractDecoderBias ? w.decoderBias[j] : 0));
      }
      return p;
    });
    const kept = new Set([...pre.keys()].sort((i, j) => pre[j] - pre[i] || i - j).slice(0, h.k));
    const codes = pre.map((p, i) => (kept.has(i) && !(h.relu && p < 0) ? p : 0));
    for (let j = 0; j < d; j++) {
      const output = codes.reduce((s, z, i) => s + z * w.decoder[i * d + j], w.decoderBias[j]);
      sum += (output - input[j]) ** 2;
    }
  }
  return sum / (batch.length * d);
}

/** One Adam step by the book, its gradient by central differences of the loss. */
function denseStep(
  w: Dense,
  m: Dense,
  v: Dense,
  t: number,
  x: Matrix,
  batch: Int32Array,
  h: TopKHyper,
): void {
  const width = 1e-6;
  const gradients = names.map((name) =>
    w[name].map((_, i) => {
      const kept = w[name][i];
      w[name][i] = kept + width;
      const above = denseLoss(w, x, batch, h);
      w[name][i] = kept - width;
      const below = denseLoss(w, x, batch, h);
      w[name][i] = kept;
      return (above - below) / (2 * width);
    }),
  );
  names.forEach((name, at) => {
    gradients[at].forEach((g, i) => {
      m[name][i] = h.beta1 * m[name][i] + (1 - h.beta1) * g;
      v[name][i] = h.beta2 * v[name][i] + (1 - h.beta2) * g * g;
      const mean = m[name][i] / (1 - h.beta1 ** t);
      const spread = v[name][i] / (1 - h.beta2 ** t);
      w[name][i] -= (learningRate * mean) / (Math.sqrt(spread) + h.epsilon);
    });
  });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

interface Fixture {
  width: number;
  features: number;
  k: number;
  rows: number;
  learningRate: number;
  x: string;
  start: Record<keyof TopKWeights, string>;
  batches: number[][];
  runs: {
    relu: boolean;
    subtractDecoderBias: boolean;
    losses: number[];
    weights: Record<keyof TopKWeights, string>;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/training.json', import.meta.url), 'utf8'),
) as Fixture;

function unpack(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function fixtureState(): TopKState {
  const source = names.flatMap((name) => [...unpack(fixture.start[name])]);
  let at = 0;
  const { features, width } = fixture;
  return startTopKState(weightsOf(features, width, () => source[at++]));
}

function tasksOf(count: number, x: Matrix, features: number, size: number, steps: number): TopKTask[] {
  return Array.from({ length: count }, (_, s) =>
    taskOf(randomState(features, x.cols, s), randomBatches(x.rows, size, steps, s)),
  );
}

describeEveryKernel('trainTopK', (one, two) => {
  it('takes one step of one feature by hand', async () => {
    // z = 2·x = 2, x̂ = 2·0.25 + 0.25 = 0.75, loss (x̂ − x)² = 1/16; Adam's first step moves by the learning rate.
    const values = [2, 0, 0.25, 0.25];
    const state = startTopKState(weightsOf(1, 1, () => values.shift()!));
    const x: Matrix = { rows: 1, cols: 1, data: Float32Array.of(1) };
    const task = taskOf(state, [Int32Array.of(0)], 0.125);
    const [losses] = await one.trainTopK(x, [task], { ...hyper, k: 1 });
    expect([...losses.reconstruction]).toEqual([0.0625]);
    expect(state.step).toBe(1);
    // Gradients: r = −0.5; ∂D = −1; ∂z = −0.125; ∂W = −0.125; ∂b_d = −0.5.
    const { weights, first, second } = state;
    for (const [array, value] of [
      [weights.encoder, 2.125],
      [weights.encoderBias, 0.125],
      [weights.decoder, 0.375],
      [weights.decoderBias, 0.375],
      [first.decoder, -0.1],
      [first.encoder, -0.0125],
      [second.decoder, 0.001],
    ] as const) {
      expect(array[0]).toBeCloseTo(value, 6);
    }
  });

  it.each(variants)('follows dense maths and finite differences, %o', async (variant) => {
    const x = randomRows(9, 5, 9, 11);
    const h = { ...hyper, ...variant, k: 2 };
    const state = randomState(7, 5, 12);
    const [w, m, v] = [widen(state.weights), widen(state.first), widen(state.second)];
    const batches = [Int32Array.of(0, 1, 2, 3, 4), Int32Array.of(5, 6, 7, 8), Int32Array.of(1, 8, 3)];
    const expected = batches.map((batch, s) => {
      const loss = denseLoss(w, x, batch, h);
      denseStep(w, m, v, s + 1, x, batch, h);
      return loss;
    });
    const [losses] = await one.trainTopK(x, [taskOf(state, batches)], h);
    expect(largestDifference(losses.reconstruction, expected)).toBeLessThan(1e-6);
    for (const name of names) {
      expect(largestDifference(state.weights[name], w[name])).toBeLessThan(2e-6);
      expect(largestDifference(state.first[name], m[name])).toBeLessThan(1e-6);
    }
  });

  it.each(
    fixture.runs,
  )('reproduces PyTorch over 20 steps, relu $relu, bias subtracted $subtractDecoderBias', async (run) => {
    const { k, rows, width } = fixture;
    const { relu, subtractDecoderBias } = run;
    const x: Matrix = { rows, cols: width, data: unpack(fixture.x) };
    const state = fixtureState();
    const batches = fixture.batches.map((batch) => Int32Array.from(batch));
    const h = { ...hyper, k, relu, subtractDecoderBias };
    const [losses] = await two.trainTopK(x, [taskOf(state, batches, fixture.learningRate)], h);
    expect(largestDifference(losses.reconstruction, run.losses)).toBeLessThan(1e-5);
    for (const name of names) {
      expect(largestDifference(state.weights[name], unpack(run.weights[name]))).toBeLessThan(1e-5);
    }
  });

  it('counts rows that repeat as often as they occur', async () => {
    const x = randomRows(6, 4, 3, 2);
    const apart = randomState(8, 4, 1);
    const together = copyState(apart);
    // Rows 3 … 5 equal rows 0 … 2: the same multiset of values, named in two ways.
    const h = { ...hyper, k: 3 };
    const named = await one.trainTopK(x, [taskOf(apart, [Int32Array.of(0, 3, 1, 5)])], h);
    const twice = await one.trainTopK(x, [taskOf(together, [Int32Array.of(0, 0, 1, 2)])], h);
    expect(named).toEqual(twice);
    expect(apart).toEqual(together);
    const w = widen(randomState(8, 4, 1).weights);
    expect(named[0].reconstruction[0]).toBeCloseTo(denseLoss(w, x, Int32Array.of(0, 3, 1, 5), h), 6);
  });

  it('does the same in one call as in several', async () => {
    const x = randomRows(40, 6, 40, 3);
    const [task] = tasksOf(1, x, 20, 16, 7);
    const state = copyState(task.state);
    const [whole] = await one.trainTopK(x, [task], hyper);
    const parts: number[] = [];
    for (const [from, to] of [
      [0, 3],
      [3, 4],
      [4, 7],
    ]) {
      const [losses] = await one.trainTopK(x, [taskOf(state, task.batches.slice(from, to))], hyper);
      parts.push(...losses.reconstruction);
    }
    expect(parts).toEqual([...whole.reconstruction]);
    expect(state).toEqual(task.state);
  });

  it('takes no tasks, no steps, and k beyond the number of features', async () => {
    const x = randomRows(5, 3, 5, 4);
    expect(await one.trainTopK(x, [], hyper)).toEqual([]);
    const state = randomState(2, 3, 5);
    const before = copyState(state);
    expect((await one.trainTopK(x, [taskOf(state, [])], hyper))[0].reconstruction.length).toBe(0);
    expect(state).toEqual(before);
    const [losses] = await one.trainTopK(x, [taskOf(state, [Int32Array.of(4)])], hyper);
    expect(losses.reconstruction[0]).toBeCloseTo(
      denseLoss(widen(before.weights), x, Int32Array.of(4), hyper),
      6,
    );
  });

  it('lowers the loss on data that it can explain', async () => {
    const x = randomRows(64, 8, 64, 6);
    const [task] = tasksOf(1, x, 32, 32, 300);
    const [{ reconstruction }] = await two.trainTopK(x, [task], hyper);
    expect(reconstruction[299]).toBeLessThan(0.2 * reconstruction[0]);
  });

  it.each([1, 3])('returns the same bytes on one and on two threads, %i tasks', async (count) => {
    const x = randomRows(300, 24, 250, 7);
    const tasks = tasksOf(count, x, 150, 128, 6);
    const copies = tasks.map(copyTask);
    expect(await two.trainTopK(x, tasks, hyper)).toEqual(await one.trainTopK(x, copies, hyper));
    tasks.forEach((task, s) => {
      expect(task.state).toEqual(copies[s].state);
    });
  });
});

// Chaotic maths amplifies a difference in the last bit, so the kernels may not differ at all.
describe('trainTopK, native against portable', () => {
  const portable = createPortableKernel({ threads: 2 });
  const makers = kernelMakers.filter(({ name }) => name !== 'portable');
  const kernels = makers.map(({ name, make }) => ({ name, kernel: make(2) }));
  afterAll(() => Promise.all([portable, ...kernels.map(({ kernel }) => kernel)].map((k) => k.close())));

  it.each(variants)('has the same bytes after 60 steps on every code path, %o', async (variant) => {
    const x = randomRows(400, 37, 330, 8);
    const tasks = tasksOf(2, x, 203, 130, 60);
    // Losses are float64, so they show the order of every sum over k, whole fours or not.
    const h = { ...hyper, ...variant, k: variant.relu ? 8 : 9 };
    const copies = kernels.map(() => tasks.map(copyTask));
    const losses = await portable.trainTopK(x, tasks, h);
    for (const [at, { name, kernel }] of kernels.entries()) {
      expect(await kernel.trainTopK(x, copies[at], h), name).toEqual(losses);
      tasks.forEach((task, s) => {
        expect(copies[at][s].state, name).toEqual(task.state);
      });
    }
  });
});
