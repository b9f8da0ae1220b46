// Contract of trainTopK beyond the plain recipe: BatchTopK, Matryoshka, AuxK, decoder rules and clipping, against
// PyTorch, by hand, and alike on every kernel.
import { describe, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { startTopKState, type TopKAuxiliary, type TopKHyper, type TopKTask } from '../../src/kernel/top-k.js';
import { type Matrix, Rng } from '../../src/tensor/index.js';
import { describeEveryKernel, kernelMakers } from './every-kernel.js';
import {
  copyTask,
  hyper,
  randomBatches,
  randomRows,
  randomState,
  taskOf,
  weightsOf,
} from './training-cases.js';
import {
  difference,
  names,
  optionsBatches,
  optionsRates,
  optionsRuns,
  optionsX,
  startOf,
  unpackWeights,
} from './training-options-fixture.js';

const auxiliary: TopKAuxiliary = {
  k: 5,
  coefficient: 0.5,
  relu: true,
  normalise: true,
  scaleByDead: false,
  bias: 'none',
  dead: { unit: 'steps', window: 2, judged: 'after', firedAbove: 0 },
};
const rows: TopKHyper = { ...hyper, relu: true, subtractDecoderBias: true };
const batch: TopKHyper = { ...rows, selection: 'batch', threshold: { keep: 0.9, from: 2 } };
const nested = [
  { features: 10, weight: 0.5 },
  { features: 61, weight: 2 },
  { features: 131, weight: 0.25 },
];

/** One option at a time, and the recipes' together. */
const variants: Record<string, TopKHyper> = {
  'sums over d': { ...rows, meanOverWidth: false },
  levels: { ...rows, levels: nested },
  'ranks by norm': { ...rows, rankByDecoderNorm: true },
  'batch selection': batch,
  'batch selection by norm': { ...batch, rankByDecoderNorm: true, subtractDecoderBias: false },
  'batch of levels': { ...batch, levels: nested, meanOverWidth: false },
  'projected gradients': { ...rows, projectGradient: true },
  'unit rows before': { ...rows, normaliseDecoder: 'before' },
  'unit rows after': { ...rows, projectGradient: true, normaliseDecoder: 'after' },
  clipped: { ...rows, clipNorm: 0.02 },
  'clipped after projection': { ...rows, clipNorm: 0.02, projectGradient: true, normaliseDecoder: 'before' },
  auxiliary: { ...rows, auxiliary },
  'auxiliary with raw codes': {
    ...rows,
    relu: false,
    auxiliary: { ...auxiliary, relu: false, normalise: false, scaleByDead: true, bias: 'reconstruction' },
  },
  'auxiliary of all dead': { ...rows, auxiliary: { ...auxiliary, k: 500 } },
  openai: {
    ...rows,
    levels: [{ features: 131, weight: 1.5 }],
    projectGradient: true,
    normaliseDecoder: 'before',
    auxiliary: { ...auxiliary, bias: 'both' },
  },
  'dictionary-learning': {
    ...batch,
    levels: nested,
    meanOverWidth: false,
    projectGradient: true,
    normaliseDecoder: 'after',
    clipNorm: 1,
    auxiliary: { ...auxiliary, dead: { unit: 'rows', window: 300, judged: 'after', firedAbove: 0 } },
  },
  saelens: {
    ...batch,
    meanOverWidth: false,
    rankByDecoderNorm: true,
    clipNorm: 1,
    auxiliary: {
      ...auxiliary,
      relu: false,
      normalise: false,
      scaleByDead: true,
      dead: { ...auxiliary.dead, judged: 'before' },
    },
  },
};

/** Tasks with rates that change from step to step. */
function tasksOf(count: number, x: Matrix, steps: number): TopKTask[] {
  return Array.from({ length: count }, (_, s) => ({
    ...taskOf(randomState(131, x.cols, s, { threshold: s - 1 }), randomBatches(x.rows, 90, steps, s)),
    learningRates: Float64Array.from({ length: steps }, (_, t) => 3e-3 / (1 + (t % 4))),
  }));
}

describeEveryKernel('trainTopK with options', (one, two) => {
  describe.each([...optionsRuns])('as PyTorch has it: $name', (run) => {
    const train = async (steps: number) => {
      const state = startOf(run);
      const batches = optionsBatches.slice(0, steps);
      const task = { state, batches, learningRates: optionsRates.slice(0, steps) };
      const [losses] = await one.trainTopK(optionsX, [task], run.hyper);
      return { state, losses };
    };
    const part = (p: 0 | 1, steps: number) => run.losses.slice(0, steps).map((loss) => loss[p]);

    test('losses, weights, counts and threshold after some steps', async () => {
      const steps = run.dead.length;
      const { state, losses } = await train(steps);
      expect(difference(losses.reconstruction, part(0, steps))).toBeLessThan(1e-5);
      expect(difference(losses.auxiliary, part(1, steps))).toBeLessThan(1e-5);
      expect([...losses.dead]).toEqual(run.dead);
      expect([...state.sinceFired]).toEqual(run.sinceFired);
      expect(state.threshold).toBeCloseTo(run.threshold, 5);
      expect(state.step).toBe(steps);
      const expected = unpackWeights(run.weights);
      for (const name of names) {
        expect([name, difference(state.weights[name], expected[name]) < 1e-5]).toEqual([name, true]);
      }
    });

    test('losses over hundreds of steps', async () => {
      const steps = run.losses.length;
      const { losses } = await train(steps);
      expect(difference(losses.reconstruction, part(0, steps))).toBeLessThan(1e-5);
      expect(difference(losses.auxiliary, part(1, steps))).toBeLessThan(1e-5);
    });
  });

  test('ranks by long decoder rows, nearer to each other than a screen can tell', async () => {
    const [features, width] = [64, 24];
    const x = randomRows(40, width, 40, 3);
    const rng = new Rng(5, 'near ranks');
    const base = Float32Array.from({ length: width }, () => rng.normal());
    const state = startTopKState(weightsOf(features, width, () => 0.01 * rng.normal()));
    const { encoder, encoderBias, decoder } = state.weights;
    encoderBias.fill(0);
    for (let i = 0; i < features; i++) {
      encoder.set(
        base.map((value, t) => value + (t % 5 === i % 5 ? rng.below(9) * 2 ** -20 : 0)),
        i * width,
      );
      for (let t = 0; t < width; t++)
        decoder[i * width + t] = (t === i % width ? 4 : 0) + 1e-3 * rng.normal();
    }
    const task = taskOf(state, randomBatches(40, 20, 3, 1));
    const options = { ...rows, k: 4, relu: false, rankByDecoderNorm: true, subtractDecoderBias: false };
    const expected = copyTask(task);
    const portable = createPortableKernel({ threads: 1 });
    await portable.trainTopK(x, [expected], options);
    await portable.close();
    await one.trainTopK(x, [task], options);
    expect(task.state.weights).toEqual(expected.state.weights);
  });

  describe('by hand, features that read and write the axes', () => {
    const x: Matrix = { rows: 3, cols: 2, data: Float32Array.of(3, 1, 1, 2, 0.5, 0.25) };
    const axes = () => {
      const values = [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0];
      return startTopKState(weightsOf(2, 2, () => values.shift()!));
    };
    const all = [Int32Array.of(0, 1, 2)];
    const sums = { ...batch, k: 1, meanOverWidth: false, subtractDecoderBias: false };

    test('a batch keeps its k·B largest, and their smallest is the threshold', async () => {
      // Kept: 3, 2 and, of the two 1s, that of the lower row. Errors: 0; 1; 0.5² + 0.25².
      const state = axes();
      const [losses] = await one.trainTopK(x, [taskOf(state, all)], {
        ...sums,
        threshold: { keep: 0.9, from: 0 },
      });
      expect(losses.reconstruction[0]).toBeCloseTo((1 + 0.3125) / 3, 12);
      expect(state.threshold).toBe(1);
    });

    test('the threshold is a running mean from its first step on', async () => {
      const state = axes();
      const options = { ...sums, threshold: { keep: 0.75, from: 1 } };
      const still = (rate: number) => one.trainTopK(x, [taskOf(state, all, rate)], options);
      await still(0);
      expect(state.threshold).toBe(-1);
      await still(0);
      expect(state.threshold).toBe(1);
      const [ends] = await one.trainTopK(x, [taskOf(state, [Int32Array.of(2, 2)], 0)], options);
      // Two rows of (0.5, 0.25): both 0.5 are kept.
      expect(state.threshold).toBe(0.75 + 0.25 * 0.5);
      expect(ends.reconstruction[0]).toBe(0.0625);
    });

    test('each level is a prefix of the features', async () => {
      // By one feature: (3, 0), (1, 0), (0.5, 0); by both: all of x.
      const levels = [
        { features: 1, weight: 2 },
        { features: 2, weight: 1 },
      ];
      const [losses] = await one.trainTopK(x, [taskOf(axes(), all)], { ...sums, k: 2, levels });
      expect(losses.reconstruction[0]).toBeCloseTo((2 * (1 + 4 + 0.0625)) / 3, 12);
    });

    test('a dead feature rebuilds what is left', async () => {
      // The second is kept nowhere: dead in the second step, where it rebuilds the second column at coefficient 1/2.
      const state = axes();
      state.weights.encoder[3] = 0.25;
      const options = { ...rows, k: 1, meanOverWidth: false, subtractDecoderBias: false };
      const dead = { ...auxiliary.dead, window: 2 };
      const [losses] = await one.trainTopK(x, [taskOf(state, [...all, ...all], 0)], {
        ...options,
        auxiliary: { ...auxiliary, normalise: false, dead },
      });
      expect([...losses.dead]).toEqual([0, 1]);
      expect([...state.sinceFired]).toEqual([0, 2]);
      const left = (1 + 4 + 0.0625) / 3;
      expect(losses.reconstruction[1]).toBeCloseTo(left, 12);
      expect(losses.auxiliary[0]).toBe(0);
      expect(losses.auxiliary[1]).toBeCloseTo((0.5 * 0.75 ** 2 * (1 + 4 + 0.0625)) / 3, 12);
    });

    test('gradients are clipped together', async () => {
      // One feature, one row: z = 2, r = 2·(0.5 − 1) = −1; ∂D = −2, ∂z = ∂W = −0.25 and ∂b = −0.25, ∂b_d = −1.
      const values = [2, 0, 0.25, 0];
      const state = startTopKState(weightsOf(1, 1, () => values.shift()!));
      const one1: Matrix = { rows: 1, cols: 1, data: Float32Array.of(1) };
      const norm = Math.sqrt(4 + 0.0625 + 0.0625 + 1);
      const options = { ...hyper, k: 1, clipNorm: 0.5 };
      await one.trainTopK(one1, [taskOf(state, [Int32Array.of(0)])], options);
      const scale = 0.5 / (norm + 1e-6);
      expect(state.first.decoder[0]).toBeCloseTo(-0.2 * scale, 7);
      expect(state.first.encoder[0]).toBeCloseTo(-0.025 * scale, 7);
      expect(state.first.decoderBias[0]).toBeCloseTo(-0.1 * scale, 7);
    });
  });

  test('a clip that nothing reaches changes nothing', async () => {
    const x = randomRows(100, 13, 80, 4);
    const [task] = tasksOf(1, x, 8);
    const [plain, clipped] = [copyTask(task), copyTask(task)];
    const losses = await one.trainTopK(x, [plain], rows);
    expect(await one.trainTopK(x, [clipped], { ...rows, clipNorm: 1e9 })).toEqual(losses);
    expect(clipped.state).toEqual(plain.state);
  });

  test.each(Object.entries(variants))('%s: one call does the same as several', async (_, options) => {
    const x = randomRows(200, 13, 150, 5);
    const [task] = tasksOf(1, x, 9);
    const parts = copyTask(task);
    await two.trainTopK(x, [task], options);
    for (const [from, to] of [
      [0, 4],
      [4, 5],
      [5, 9],
    ]) {
      const { state, batches, learningRates } = parts;
      const some = { state, batches: batches.slice(from, to), learningRates: learningRates.slice(from, to) };
      await two.trainTopK(x, [some], options);
    }
    expect(parts.state).toEqual(task.state);
  });

  test('options that do not fit are refused, and say which', async () => {
    const x = randomRows(5, 13, 5, 1);
    const refused = async (options: TopKHyper, field: RegExp) => {
      const task = taskOf(randomState(131, 13, 1), [Int32Array.of(0)]);
      await expect(one.trainTopK(x, [task], options)).rejects.toMatchObject({
        code: 'input.shape',
        message: expect.stringMatching(field),
      });
    };
    await refused({ ...batch, relu: false }, /relu/);
    await refused({ ...rows, threshold: { keep: 0.9, from: 0 } }, /selection/);
    await refused({ ...batch, threshold: { keep: 1.1, from: 0 } }, /threshold\.keep/);
    await refused({ ...rows, levels: nested.slice(0, 2) }, /levels\[1\]\.features/);
    await refused({ ...rows, levels: [nested[1], nested[0], nested[2]] }, /levels\[1\]\.features/);
    await refused({ ...rows, clipNorm: 0 }, /clipNorm/);
    await refused({ ...rows, auxiliary: { ...auxiliary, k: 0 } }, /auxiliary\.k/);
    const short = {
      ...taskOf(randomState(131, 13, 1), [Int32Array.of(0)]),
      learningRates: new Float64Array(2),
    };
    await expect(one.trainTopK(x, [short], rows)).rejects.toMatchObject({ code: 'input.shape' });
  });
});

describe('trainTopK with options, native against portable', () => {
  const makers = kernelMakers.filter(({ name }) => name !== 'portable');
  const cases = Object.entries(variants).flatMap(([name, options]) =>
    [1, 3].map((tasks) => ({ name, options, tasks })),
  );

  test.each(cases)('$name, $tasks tasks: the same bytes on every code path', async ({ options, tasks }) => {
    const x = randomRows(300, 37, 250, 8);
    const expected = tasksOf(tasks, x, 25);
    const portable = createPortableKernel({ threads: 2 });
    const copies = makers.map(() => expected.map(copyTask));
    const losses = await portable.trainTopK(x, expected, options);
    await portable.close();
    for (const [at, { name, make }] of makers.entries()) {
      const kernel = make(2);
      expect(await kernel.trainTopK(x, copies[at], options), name).toEqual(losses);
      await kernel.close();
      expected.forEach((task, s) => {
        expect(copies[at][s].state, name).toEqual(task.state);
      });
    }
  });
});
