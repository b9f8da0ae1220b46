// ReLU, JumpReLU and Gated autoencoders: by hand, against PyTorch's autograd, and against finite differences.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DenseArchitecture,
  type DenseArrays,
  type DenseHyper,
  type DenseLoss,
  denseArrays,
  namedArrays,
  startDenseState,
} from '../../src/kernel/dense.js';
import { portableDense } from '../../src/kernel/portable/dense-step.js';
import { exponential } from '../../src/kernel/portable/exponential.js';
import { fromRows, type Matrix, Rng, takeRows, zeros } from '../../src/tensor/index.js';
import { fixture, fixtureBatch, fixtureX, unpack } from './dense-fixture.js';

const { encodeDense, forwardBackward, trainDense } = portableDense;

const plain: DenseLoss = {
  architecture: 'relu',
  subtractDecoderBias: false,
  sparsity: 0,
  weighByDecoderNorm: false,
  meanOverWidth: false,
  bandwidth: 1,
};

/** Largest difference, as a share of the largest expected size. */
function error(found: Float32Array | Float64Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  let [most, size] = [0, 0];
  expected.forEach((value, i) => {
    most = Math.max(most, Math.abs(found[i] - value));
    size = Math.max(size, Math.abs(value));
  });
  return most / Math.max(size, 1e-6);
}

function name({ architecture, subtractDecoderBias, weighByDecoderNorm, targetL0 }: DenseLoss): string {
  const options = { subtractDecoderBias, weighByDecoderNorm, targetL0: targetL0 !== undefined };
  return [architecture, ...Object.entries(options).flatMap(([key, on]) => (on ? [key] : []))].join(' ');
}

describe.each(fixture.runs.map((run) => ({ ...run, name: name(run.loss) })))(
  'as PyTorch has it: $name',
  (run) => {
    const { architecture } = run.loss;
    const start = unpack(architecture, fixture.start);

    test('losses and gradients', () => {
      const { parts, gradients } = forwardBackward(start, fixtureX, fixtureBatch, run.loss);
      const found = [parts.reconstruction, parts.sparsity, parts.auxiliary, parts.l0];
      for (const [i, value] of run.parts.entries()) expect(found[i]).toBeCloseTo(value, 5);
      expect(parts.total).toBeCloseTo(run.parts[0] + run.parts[1] + run.parts[2], 5);
      const expected = namedArrays(architecture, unpack(architecture, run.gradients));
      for (const [i, [key, gradient]] of namedArrays(architecture, gradients).entries()) {
        expect([key, error(gradient, expected[i][1]) < 1e-5]).toEqual([key, true]);
      }
    });

    test('steps with projected gradients and unit decoder rows', () => {
      const state = startDenseState(architecture, start);
      const steps = run.totals.length;
      const { beta1, beta2, epsilon, learningRate } = fixture;
      const hyper: DenseHyper = {
        ...run.loss,
        ...{ beta1, beta2, epsilon, projectGradient: true, normaliseDecoder: true },
      };
      const losses = trainDense(
        fixtureX,
        {
          state,
          batches: Array.from({ length: steps }, () => fixtureBatch),
          learningRates: new Float64Array(steps).fill(learningRate),
          sparsities: new Float64Array(steps).fill(run.loss.sparsity),
        },
        hyper,
      );
      losses.forEach(({ total }, s) => {
        expect(Math.abs(total - run.totals[s])).toBeLessThan(1e-5 * run.totals[s]);
      });
      expect(state.step).toBe(steps);
      const expected = namedArrays(architecture, unpack(architecture, run.trained));
      for (const [i, [key, values]] of namedArrays(architecture, state.weights).entries()) {
        expect([key, error(values, expected[i][1]) < 1e-5]).toEqual([key, true]);
      }
    });
  },
);

describe('by hand, one row x = (3, 1), features that read and write the axes', () => {
  const x = fromRows([[3, 1]]);
  const batch = Int32Array.of(0);
  const axes = { encoder: Float32Array.of(1, 0, 0, 1), decoder: Float32Array.of(1, 0, 0, 1) };
  const weights = (...perFeature: number[][]): DenseArrays<Float32Array> => ({
    ...axes,
    decoderBias: new Float32Array(2),
    perFeature: perFeature.map((values) => Float32Array.from(values)),
  });

  test('relu', () => {
    // z = (3 − 1, 1 − 2 → 0), x̂ − x = (−1, −1), r = (−2, −2).
    const loss = { ...plain, sparsity: 0.5 };
    const { parts, gradients } = forwardBackward(weights([-1, -2]), x, batch, loss);
    expect(parts).toEqual({ reconstruction: 2, sparsity: 1, auxiliary: 0, total: 3, l0: 1 });
    expect([...gradients.perFeature[0]]).toEqual([-1.5, 0]);
    expect([...gradients.encoder]).toEqual([-4.5, -1.5, 0, 0]);
    expect([...gradients.decoder]).toEqual([-4, -4, 0, 0]);
    expect([...gradients.decoderBias]).toEqual([-2, -2]);
  });

  test('jumprelu', () => {
    // p = (3, 1), θ = (2.75, 1.25), ε = 1: the first is active, both are near, the second would lower the error.
    const loss = { ...plain, architecture: 'jumprelu' as const, sparsity: 0.5 };
    const { parts, gradients } = forwardBackward(weights([0, 0], [2.75, 1.25]), x, batch, loss);
    expect(parts).toEqual({ reconstruction: 1, sparsity: 0.5, auxiliary: 0, total: 1.5, l0: 1 });
    // ∂z = (0, −2): ∂θ = −θ·∂z − 0.5.
    expect([...gradients.perFeature[1]]).toEqual([-0.5, 2]);
    expect([...gradients.perFeature[0]]).toEqual([0, 0]);
    const target = forwardBackward(weights([0, 0], [2.75, 1.25]), x, batch, { ...loss, targetL0: 0.5 });
    // (1/0.5 − 1)² = 1; ∂L0 = 2·0.5·1/0.5 = 2, only from the active entry.
    expect(target.parts.sparsity).toBe(0.5);
    expect([...target.gradients.perFeature[1]]).toEqual([-2, 2.5 - 0]);
  });

  test('gated', () => {
    // y = (2, 0), z = (2·3 − 1, 0): x̂ − x = (2, −1); by the gate alone (−1, −1).
    const loss = { ...plain, architecture: 'gated' as const, sparsity: 0.5 };
    const two = Math.log(2);
    const { parts, gradients } = forwardBackward(weights([-1, -2], [-1, 0], [two, 0]), x, batch, loss);
    expect(parts.reconstruction).toBeCloseTo(5, 5);
    expect(parts.sparsity).toBe(1);
    expect(parts.auxiliary).toBe(2);
    const [gate, magnitude, logScale] = gradients.perFeature.map((g) => [...g]);
    expect(gate).toEqual([-1.5, 0]);
    expect(magnitude[0]).toBeCloseTo(4, 5);
    expect(logScale[0]).toBeCloseTo(24, 5);
    expect(gradients.encoder[0]).toBeCloseTo(3 * (2 * 4 - 1.5), 4);
    // The auxiliary reconstruction leaves the decoder alone.
    expect([...gradients.decoder].map((g) => Math.round(g * 1e4) / 1e4)).toEqual([20, -10, 0, 0]);
  });
});

interface Tiny {
  readonly x: Matrix;
  readonly weights: DenseArrays<Float32Array>;
  readonly loss: DenseLoss;
}

const tiny = fc
  .record({
    architecture: fc.constantFrom<DenseArchitecture>('relu', 'jumprelu', 'gated'),
    subtractDecoderBias: fc.boolean(),
    weighByDecoderNorm: fc.boolean(),
    meanOverWidth: fc.boolean(),
    features: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 5 }),
    rows: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  })
  .map(({ features, width, rows, seed, ...options }): Tiny => {
    const rng = new Rng(seed, 'tiny');
    const x = zeros(rows, width);
    rng.fillNormal(x.data);
    const weights = denseArrays(options.architecture, features, width, (n) => new Float64Array(n));
    const draw = (like: Float64Array) => Float32Array.from(like, () => 0.5 * rng.normal());
    return {
      x,
      weights: {
        encoder: draw(weights.encoder),
        decoder: draw(weights.decoder),
        decoderBias: draw(weights.decoderBias),
        perFeature: weights.perFeature.map(draw),
      },
      loss: { ...plain, ...options, sparsity: 0.3 },
    };
  });

/** Which features are active; for the gate, y instead of z is what has a kink. */
function active({ x, weights, loss }: Tiny): string {
  const codes = (w: DenseArrays<Float32Array>, architecture: DenseArchitecture): string => {
    const { offsets, indices } = encodeDense(w, x, { ...loss, architecture });
    return `${offsets}|${indices}`;
  };
  const gate = { ...weights, perFeature: [weights.perFeature[0]] };
  return codes(weights, loss.architecture) + (loss.architecture === 'gated' ? codes(gate, 'relu') : '');
}

test('gradients are those of finite differences, where no code appears or vanishes', () => {
  let compared = 0;
  fc.assert(
    fc.property(tiny, fc.nat(), (t, pick) => {
      const { x, weights, loss } = t;
      const batch = Int32Array.from({ length: x.rows }, (_, n) => n);
      const run = () => forwardBackward(weights, x, batch, loss);
      const { gradients } = run();
      const arrays = namedArrays(loss.architecture, weights);
      const found = namedArrays(loss.architecture, gradients);
      const before = active(t);
      arrays.forEach(([key, values], a) => {
        // θ has straight-through gradients, which are not derivatives; the auxiliary loss holds D and b_d fixed.
        if (key === 'threshold') return;
        const i = pick % values.length;
        const kept = values[i];
        const at = (step: number) => {
          values[i] = kept + step;
          const { parts } = run();
          const isFixed = key === 'decoder' || (key === 'decoderBias' && !loss.subtractDecoderBias);
          const value = isFixed ? parts.total - parts.auxiliary : parts.total;
          return { at: values[i], value, same: active(t) === before };
        };
        const [low, high] = [at(-(2 ** -7)), at(2 ** -7)];
        values[i] = kept;
        // b_d moves the auxiliary reconstruction, which does not see it, through the encoder alone.
        if (loss.architecture === 'gated' && key === 'decoderBias' && loss.subtractDecoderBias) return;
        if (!low.same || !high.same) return;
        compared++;
        const slope = (high.value - low.value) / (high.at - low.at);
        expect(Math.abs(found[a][1][i] - slope)).toBeLessThan(2e-3 * (1 + Math.abs(slope)));
      });
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(400);
});

test('rows that occur twice count twice, wherever their copies are', () => {
  fc.assert(
    fc.property(tiny, ({ x, weights, loss }) => {
      const batch = Int32Array.from({ length: 2 * x.rows }, (_, n) => n % x.rows);
      const copies = forwardBackward(
        weights,
        takeRows(x, batch),
        batch.map((_, n) => n),
        loss,
      );
      const once = forwardBackward(weights, x, batch, loss);
      expect(once).toEqual(copies);
      const { parts } = forwardBackward(weights, x, batch.slice(0, x.rows), loss);
      expect(once.parts.total).toBeCloseTo(parts.total, 9);
    }),
    { numRuns: 50 },
  );
});

test('codes are those of the definition', () => {
  fc.assert(
    fc.property(tiny, ({ x, weights, loss }) => {
      const codes = encodeDense(weights, x, loss);
      const { encoder, decoderBias, perFeature } = weights;
      const [first, second, third] = perFeature;
      for (let n = 0; n < x.rows; n++) {
        const row = new Map<number, number>();
        for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++)
          row.set(codes.indices[e], codes.values[e]);
        for (let i = 0; i < first.length; i++) {
          let reach = 0;
          for (let j = 0; j < x.cols; j++) {
            const c = x.data[n * x.cols + j] - (loss.subtractDecoderBias ? decoderBias[j] : 0);
            reach += c * encoder[i * x.cols + j];
          }
          const p = reach + first[i];
          let z = Math.max(0, p);
          if (loss.architecture === 'jumprelu') z = p > second[i] ? z : 0;
          if (loss.architecture === 'gated') {
            z = p > 0 ? Math.max(0, Math.exp(third[i]) * reach + second[i]) : 0;
          }
          expect(row.get(i) ?? 0).toBeCloseTo(z, 5);
        }
      }
      expect(codes.values.every((v) => v > 0)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('the exponential is the exponential', () => {
  for (let x = -700; x <= 700; x += 0.37) {
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
  }
  expect(exponential(0)).toBe(1);
});

test('what does not fit is refused, and says where', () => {
  const x = zeros(2, 2);
  const weights = denseArrays('jumprelu', 3, 2, (n) => new Float32Array(n));
  const batch = Int32Array.of(0, 1);
  const loss: DenseLoss = { ...plain, architecture: 'jumprelu' };
  expect(() => forwardBackward(weights, x, batch, plain)).toThrow(/perFeature/);
  expect(() => forwardBackward(weights, x, batch, { ...loss, bandwidth: 0 })).toThrow(/bandwidth/);
  expect(() => forwardBackward(weights, x, Int32Array.of(2), loss)).toThrow(/batches/);
  expect(() => forwardBackward(weights, zeros(2, 3), batch, loss)).toThrow(/encoder/);
  weights.perFeature[1][2] = Number.NaN;
  expect(() => encodeDense(weights, x, loss)).toThrow(/threshold\[2\]/);
});
