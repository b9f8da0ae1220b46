// Training the small transformer: AdamW by hand, the split by seed, and a few steps that lower the loss.
import { describe, expect, it } from 'vitest';
import { AdamW } from '../../src/activations/transformer/adamw.js';
import { initTransformer } from '../../src/activations/transformer/init.js';
import { heldOutPairs, splitPairs } from '../../src/activations/transformer/split.js';
import { defaultTransformerRecipe, trainTransformer } from '../../src/activations/transformer/train.js';

const tiny = { modulus: 7, layers: 2, dModel: 16, heads: 2, dMlp: 24 };

it('AdamW by hand, two steps', () => {
  const optimiser = new AdamW(1, {
    learningRate: 0.1,
    beta1: 0.5,
    beta2: 0.75,
    epsilon: 0,
    weightDecay: 0.5,
  });
  const weights = new Float32Array([2]);
  // m̂ = g and v̂ = g²: the weight decays to 2 · 0.95 = 1.9, then moves by 0.1 against the gradient.
  optimiser.update(weights, new Float32Array([4]));
  expect(weights[0]).toBeCloseTo(1.8, 6);
  // m = 0.5·2 + 0.5·(−2) = 0: it decays only.
  optimiser.update(weights, new Float32Array([-2]));
  expect(weights[0]).toBeCloseTo(1.8 * 0.95, 6);
  // m = −3, m̂ = −3 / 0.875; v = 0.75·(0.75·4 + 0.25·4) + 0.25·36 = 12, v̂ = 12 / (1 − 0.75³).
  optimiser.update(weights, new Float32Array([-6]));
  const change = (0.1 * (3 / 0.875)) / Math.sqrt(12 / (1 - 0.75 ** 3));
  expect(weights[0]).toBeCloseTo(1.8 * 0.95 * 0.95 + change, 6);
});

it('AdamW with a share of the learning rate moves and decays by that share', () => {
  const optimiser = new AdamW(1, {
    learningRate: 0.1,
    beta1: 0.5,
    beta2: 0.75,
    epsilon: 0,
    weightDecay: 0.5,
  });
  const weights = new Float32Array([2]);
  optimiser.update(weights, new Float32Array([4]), 0.25);
  expect(weights[0]).toBeCloseTo(2 * (1 - 0.0125) - 0.025, 6);
});

it('splits all pairs by the seed, 30 % held out', () => {
  const { train, heldOut } = splitPairs({ ...tiny, modulus: 20 }, 5);
  expect(heldOut).toHaveLength(120);
  expect([...train, ...heldOut].sort((x, y) => x - y)).toEqual(Array.from({ length: 400 }, (_, n) => n));
  expect(heldOut).toEqual(heldOut.slice().sort());
  expect(heldOutPairs({ ...tiny, modulus: 20 }, 5)).toEqual(heldOut);
  expect(heldOutPairs({ ...tiny, modulus: 20 }, 6)).not.toEqual(heldOut);
});

describe('a few steps', () => {
  const recipe = {
    ...defaultTransformerRecipe,
    learningRate: 1e-2,
    weightDecay: 0,
    batch: 17,
    maxSteps: 60,
    checkEvery: 25,
  };

  it('lower the loss, the same every time, and report their progress', async () => {
    const seen: number[] = [];
    const first = await trainTransformer(tiny, 1, recipe, { onProgress: ({ step }) => seen.push(step) });
    const mean = (values: readonly number[]) => values.reduce((s, v) => s + v, 0) / values.length;
    expect(first.steps).toBe(60);
    expect(first.losses).toHaveLength(60);
    expect(seen).toEqual([25, 50, 60]);
    expect(first.losses[0]).toBeGreaterThan(1.5);
    expect(mean(first.losses.slice(-5))).toBeLessThan(0.7 * mean(first.losses.slice(0, 5)));
    const second = await trainTransformer(tiny, 1, recipe);
    expect(second.model.weights).toEqual(first.model.weights);
    expect(second.losses).toEqual(first.losses);
  });

  it('start gently with a warm-up: the first step is that share of the full one', async () => {
    const one = { ...recipe, maxSteps: 1 };
    const fresh = initTransformer(tiny, 1).weights['unembedding'];
    const full = (await trainTransformer(tiny, 1, one)).model.weights['unembedding'];
    const gentle = (await trainTransformer(tiny, 1, { ...one, warmup: 10 })).model.weights['unembedding'];
    gentle.forEach((value, i) => {
      expect(value - fresh[i]).toBeCloseTo((full[i] - fresh[i]) / 10, 6);
    });
    expect(full).not.toEqual(fresh);
  });

  it('stop at the target, and when cancelled', async () => {
    const { steps } = await trainTransformer(tiny, 1, { ...recipe, target: 0 });
    expect(steps).toBe(0);
    const stop = new AbortController();
    stop.abort();
    const cancelled = trainTransformer(tiny, 1, recipe, { signal: stop.signal });
    await expect(cancelled).rejects.toMatchObject({ code: 'internal.cancelled' });
  });

  it('refuse a batch larger than what there is to train on', async () => {
    const asked = trainTransformer(tiny, 1, { ...recipe, batch: 35 });
    await expect(asked).rejects.toThrow('batch: no such batch; found 35; expected 1 … 34');
  });
});
