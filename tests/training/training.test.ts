// Training: batches, the plain recipe, the same bytes however it is cut, and the state that it goes on from.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/formats/atomic-write.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { Rng, rowNorms, zeros } from '../../src/tensor/index.js';
import { epochBatches } from '../../src/training/batches.js';
import { type TrainingRun, train } from '../../src/training/loop.js';
import { plain } from '../../src/training/recipes/plain.js';
import {
  readTrainingState,
  startState,
  type TrainingState,
  trainingStatePieces,
} from '../../src/training/state.js';

const kernel = createPortableKernel({ threads: 2 });
afterAll(() => kernel.close());

const d = 8;
const features = 24;
const x = zeros(50, d);
new Rng(5, 'x').fillNormal(x.data);
const plan = {
  sae: { architecture: 'topk', dSae: features, k: 3 },
  recipe: plain,
  epochs: 4,
  batchSize: 16,
  learningRate: 1e-2,
} as const;

function run(initSeed: number, orderSeed: number): TrainingRun {
  const state = startState(plain.init(initSeed, d, features));
  return { id: `${initSeed}-${orderSeed}`, orderSeed, state };
}

/** Everything a state holds, as one string of bytes. */
function bytes(state: TrainingState): string {
  return Buffer.concat([...trainingStatePieces(state, 'key')]).toString('base64');
}

describe('batches of an epoch', () => {
  it('hold every row once, in batches of the given size but for the last', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.nat(9),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 40 }),
        (s, e, n, size) => {
          const batches = epochBatches(s, e, n, size);
          const rows = batches.flatMap((b) => [...b]).sort((a, b) => a - b);
          expect(rows).toEqual(Array.from({ length: n }, (_, i) => i));
          expect(batches.slice(0, -1).every((b) => b.length === size)).toBe(true);
        },
      ),
    );
  });

  it('change from epoch to epoch and from seed to seed', () => {
    const order = (seed: number, epoch: number): string => epochBatches(seed, epoch, 50, 50).join();
    expect(new Set([order(1, 0), order(1, 1), order(2, 0)]).size).toBe(3);
    expect(order(1, 0)).toBe(order(1, 0));
  });
});

describe('the plain recipe', () => {
  it('draws Kaiming-uniform weights: bound √(6/fan-in), SD bound/√3, biases 0', () => {
    const { encoder, decoder, encoderBias, decoderBias } = plain.init(3, 64, 512);
    const sd = (values: Float32Array): number =>
      Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);
    const largest = (values: Float32Array): number => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(sd(encoder.data)).toBeCloseTo(Math.sqrt(2 / 64), 2);
    expect(sd(decoder.data)).toBeCloseTo(Math.sqrt(2 / 512), 3);
    expect(largest(encoder.data)).toBeLessThanOrEqual(Math.sqrt(6 / 64));
    expect(largest(encoder.data)).toBeGreaterThan(0.99 * Math.sqrt(6 / 64));
    expect(largest(decoder.data)).toBeLessThanOrEqual(Math.sqrt(6 / 512));
    expect([...encoderBias, ...decoderBias].every((v) => v === 0)).toBe(true);
    expect(rowNorms(decoder)[0]).toBeGreaterThan(0);
  });

  it('draws encoder and decoder apart, and other weights for another seed', () => {
    const one = plain.init(1, d, features);
    expect(one.encoder.data.map((v) => v / Math.sqrt(6 / d))).not.toEqual(
      one.decoder.data.map((v) => v / Math.sqrt(6 / features)),
    );
    expect(plain.init(2, d, features).decoder.data).not.toEqual(one.decoder.data);
    expect(plain.init(1, d, features)).toEqual(one);
  });
});

describe('training', () => {
  it('lowers the loss', async () => {
    const one = run(1, 1);
    await train(x, [one], { ...plan, epochs: 30 }, kernel);
    expect(one.state.losses).toHaveLength(30);
    expect(one.state.losses[29]).toBeLessThan(0.5 * one.state.losses[0]);
  });

  it('gives the same bytes alone, together with others, and after a stop at any epoch', async () => {
    const alone = run(1, 9);
    await train(x, [alone], plan, kernel);

    const together = [run(2, 9), run(1, 9), run(3, 4)];
    await train(x, together, plan, kernel);
    expect(bytes(together[1].state)).toBe(bytes(alone.state));
    expect(bytes(together[0].state)).not.toBe(bytes(alone.state));

    const folder = await mkdtemp(join(tmpdir(), 'reseed-'));
    const file = join(folder, 'snapshot.safetensors');
    for (const stop of [1, 3]) {
      const stopped = run(1, 9);
      await train(x, [stopped], { ...plan, epochs: stop }, kernel);
      await writeFileAtomic(file, trainingStatePieces(stopped.state, 'key'));
      const state = await readTrainingState(file, 'key', features, d);
      // One that lags behind is brought up beside one that is ahead.
      await train(x, [{ ...stopped, state }, run(5, 5)], plan, kernel);
      expect(bytes(state)).toBe(bytes(alone.state));
    }
  });

  it('depends on the init seed and on the order seed, each by itself', async () => {
    const runs = [run(1, 1), run(1, 2), run(2, 1)];
    await train(x, runs, plan, kernel);
    expect(new Set(runs.map(({ state }) => bytes(state))).size).toBe(3);
  });

  it('stops between epochs when cancelled, with whole states', async () => {
    const cancel = new AbortController();
    const one = run(1, 9);
    const training = train(x, [one], plan, kernel, {
      signal: cancel.signal,
      onEpoch: (_, epoch) => {
        if (epoch === 2) cancel.abort();
      },
    });
    await expect(training).rejects.toMatchObject({ code: 'internal.cancelled' });
    expect(one.state.losses).toHaveLength(2);
    expect(one.state.adam.step).toBe(8);
  });
});

describe('saved states', () => {
  it('of another run, or cut short, are refused with the file named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reseed-'));
    const file = join(folder, 'snapshot.safetensors');
    await writeFileAtomic(file, trainingStatePieces(run(1, 1).state, 'mine'));
    await expect(readTrainingState(file, 'yours', features, d)).rejects.toMatchObject({
      code: 'input.format',
      details: { file, found: 'mine', expected: 'yours' },
    });
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length - 100));
    await expect(readTrainingState(file, 'mine', features, d)).rejects.toMatchObject({
      code: 'input.format',
    });
  });
});
