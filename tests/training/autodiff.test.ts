// Losses and gradients of training agree with jax-js, which is given the loss alone: a step with β₁ = 0 leaves the gradient
// as the first moment.
import type { Array as JaxArray } from '@jax-js/jax';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Jax, loadJax } from '../../src/activations/transformer/jax.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { Rng, zeros } from '../../src/tensor/index.js';
import type { SaeSettings } from '../../src/training/architectures/registry.js';
import type { Recipe } from '../../src/training/recipe.js';
import { plain } from '../../src/training/recipes/plain.js';
import { advanceOn, startRun } from '../../src/training/sae-in-training.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());
let jax: Jax;
beforeAll(async () => {
  jax = await loadJax();
});

const [n, d, features] = [12, 6, 20];
const x = zeros(n, d);
new Rng(2, 'x').fillNormal(x.data);
const batch = Int32Array.from({ length: n }, (_, i) => i);
type Weights = Record<string, JaxArray>;

/** x̂ − x, from codes [n×F]. */
function errorOf(codes: JaxArray, decoder: JaxArray, bias: JaxArray, target: JaxArray): JaxArray {
  return jax.numpy.matmul(codes, decoder).add(bias).sub(target);
}

/** Σ_i w_i·z_i over features and rows, w_i = ‖D_i‖. */
function weighed(codes: JaxArray, decoder: JaxArray): JaxArray {
  const norms = jax.numpy.sqrt(decoder.ref.mul(decoder).sum(1));
  return codes.mul(norms).sum();
}

function squares(error: JaxArray): JaxArray {
  return error.ref.mul(error).sum();
}

interface Case {
  readonly sae: SaeSettings;
  /** The loss from the parameters, the same held fixed, X and the mask of the features that are kept. */
  loss(w: Weights, fixed: Weights, x: JaxArray, kept: JaxArray): JaxArray;
}

const cases: Case[] = [
  {
    sae: { architecture: 'topk', dSae: features, k: 5 },
    loss({ encoder, encoderBias, decoder, decoderBias }, _, rows, kept) {
      const p = jax.numpy.matmul(rows.ref, encoder.transpose()).add(encoderBias);
      return squares(errorOf(p.mul(kept), decoder, decoderBias, rows)).mul(1 / (n * d));
    },
  },
  {
    sae: { architecture: 'relu', dSae: features, sparsity: 0.3 },
    loss({ encoder, encoderBias, decoder, decoderBias }, _, rows) {
      const z = jax.nn.relu(jax.numpy.matmul(rows.ref, encoder.transpose()).add(encoderBias));
      const penalty = weighed(z.ref, decoder.ref).mul(0.3);
      return squares(errorOf(z, decoder, decoderBias, rows))
        .add(penalty)
        .mul(1 / n);
    },
  },
  {
    sae: { architecture: 'gated', dSae: features, sparsity: 0.3 },
    loss(w, fixed, rows, kept) {
      const pi = jax.numpy.matmul(rows.ref, w['encoder'].transpose());
      const y = jax.nn.relu(pi.ref.add(w['gateBias']));
      const magnitude = jax.nn.relu(pi.mul(jax.numpy.exp(w['magnitudeLogScale'])).add(w['magnitudeBias']));
      const penalty = weighed(y.ref, w['decoder'].ref).mul(0.3);
      const gate = squares(errorOf(y, fixed['decoder'], fixed['decoderBias'], rows.ref));
      const error = errorOf(magnitude.mul(kept), w['decoder'], w['decoderBias'], rows);
      return squares(error)
        .add(penalty)
        .add(gate)
        .mul(1 / n);
    },
  },
];

/** Plain, with β₁ = 0 and a rate of 0, so that one step changes nothing and keeps the gradient. */
const recipe: Recipe = {
  ...plain,
  topK: (sae, width, selection) => still(plain.topK(sae, width, selection)),
  dense: () => still(plain.dense()),
};

function still<T extends { readonly hyper: object }>(rules: T): T {
  return { ...rules, hyper: { ...rules.hyper, beta1: 0 } };
}

describe.each(cases)('$sae.architecture', ({ sae, loss }) => {
  it('has the loss and the gradients that jax-js finds', async () => {
    const plan = { sae, recipe, epochs: 1, batchSize: n, learningRate: 0 };
    const state = startRun(plan, 4, d);
    const { weights, first } = state.adam;
    for (const values of Object.values(weights)) {
      // Biases of 0 would leave too much untested.
      const rng = new Rng(9, 'bias');
      if (values.every((v) => v === 0)) rng.fillUniform(values, 0.2);
    }
    const np = jax.numpy;
    const shapeOf = (name: string): number[] =>
      name === 'encoder' || name === 'decoder' ? [features, d] : [weights[name].length];
    const arrays = (): Weights =>
      Object.fromEntries(
        Object.entries(weights).map(([name, values]) => [
          name,
          np.array(new Float32Array(values), { shape: shapeOf(name) }),
        ]),
      );
    const kept = np.array(keptBy(sae, weights), { shape: [n, features] });
    const rows = np.array(new Float32Array(x.data), { shape: [n, d] });
    const [value, gradients] = jax.valueAndGrad((w: Weights, f: Weights, r: JaxArray, m: JaxArray) =>
      loss(w, f, r, m),
    )(arrays(), arrays(), rows, kept);
    const expected = (await value.data())[0];

    const [own] = await advanceOn(x, plan, kernel)([{ state, batches: [batch] }]);
    expect(own.total[0]).toBeCloseTo(expected, 4);
    for (const [name, gradient] of Object.entries(gradients as Weights)) {
      const peer = (await gradient.data()) as Float32Array;
      const largest = peer.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      expect(largest).toBeGreaterThan(0);
      peer.forEach((v, i) => {
        expect(Math.abs(first[name][i] - v)).toBeLessThan(2e-5 * (1 + largest));
      });
    }
  });
});

/** 1 where a feature is kept [n×F]: of the k largest, or behind an open gate. */
function keptBy(sae: SaeSettings, weights: Readonly<Record<string, Float32Array>>): Float32Array {
  const bias = weights['gateBias'] ?? weights['encoderBias'];
  const kept = new Float32Array(n * features);
  for (let r = 0; r < n; r++) {
    const p = Array.from({ length: features }, (_, f) => {
      let sum = bias[f];
      for (let j = 0; j < d; j++) sum += x.data[r * d + j] * weights['encoder'][f * d + j];
      return sum;
    });
    const order = [...p.keys()].sort((a, b) => p[b] - p[a]);
    const chosen = sae.k === undefined ? order.filter((f) => p[f] > 0) : order.slice(0, sae.k);
    for (const f of chosen) kept[r * features + f] = 1;
  }
  return kept;
}
