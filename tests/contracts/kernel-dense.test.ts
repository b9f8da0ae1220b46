// Contract of the dense operations (ReLU, JumpReLU, Gated): by hand, against PyTorch, and what is refused.
import { describe, expect, test } from 'vitest';
import {
  type DenseArrays,
  type DenseHyper,
  type DenseLoss,
  denseArrays,
  namedArrays,
  startDenseState,
} from '../../src/kernel/dense.js';
import { fromRows, zeros } from '../../src/tensor/index.js';
import { optimiser, plain, randomTask } from './dense-cases.js';
import { fixture, fixtureBatch, fixtureX, unpack } from './dense-fixture.js';
import { describeEveryKernel } from './every-kernel.js';
import { randomRows } from './training-cases.js';

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

describeEveryKernel('dense autoencoders', (one, two) => {
  describe.each(
    fixture.runs.map((run) => ({ ...run, name: name(run.loss) })),
  )('as PyTorch has it: $name', (run) => {
    const { architecture } = run.loss;
    const start = unpack(architecture, fixture.start);

    test('losses and gradients', async () => {
      const { parts, gradients } = await one.forwardBackward(start, fixtureX, fixtureBatch, run.loss);
      const found = [parts.reconstruction, parts.sparsity, parts.auxiliary, parts.l0];
      for (const [i, value] of run.parts.entries()) expect(found[i]).toBeCloseTo(value, 5);
      expect(parts.total).toBeCloseTo(run.parts[0] + run.parts[1] + run.parts[2], 5);
      const expected = namedArrays(architecture, unpack(architecture, run.gradients));
      for (const [i, [key, gradient]] of namedArrays(architecture, gradients).entries()) {
        expect([key, error(gradient, expected[i][1]) < 1e-5]).toEqual([key, true]);
      }
    });

    test('steps with projected gradients and unit decoder rows', async () => {
      const state = startDenseState(architecture, start);
      const steps = run.totals.length;
      const { beta1, beta2, epsilon, learningRate } = fixture;
      const hyper: DenseHyper = {
        ...run.loss,
        ...{ beta1, beta2, epsilon, projectGradient: true, normaliseDecoder: true },
      };
      const [losses] = await two.trainDense(
        fixtureX,
        [
          {
            state,
            batches: Array.from({ length: steps }, () => fixtureBatch),
            learningRates: new Float64Array(steps).fill(learningRate),
            sparsities: new Float64Array(steps).fill(run.loss.sparsity),
          },
        ],
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
  });

  describe('by hand, one row x = (3, 1), features that read and write the axes', () => {
    const x = fromRows([[3, 1]]);
    const batch = Int32Array.of(0);
    const axes = { encoder: Float32Array.of(1, 0, 0, 1), decoder: Float32Array.of(1, 0, 0, 1) };
    const weights = (...perFeature: number[][]): DenseArrays<Float32Array> => ({
      ...axes,
      decoderBias: new Float32Array(2),
      perFeature: perFeature.map((values) => Float32Array.from(values)),
    });

    test('relu', async () => {
      // z = (3 − 1, 1 − 2 → 0), x̂ − x = (−1, −1), r = (−2, −2).
      const loss = { ...plain, sparsity: 0.5 };
      const { parts, gradients } = await one.forwardBackward(weights([-1, -2]), x, batch, loss);
      expect(parts).toEqual({ reconstruction: 2, sparsity: 1, auxiliary: 0, total: 3, l0: 1 });
      expect([...gradients.perFeature[0]]).toEqual([-1.5, 0]);
      expect([...gradients.encoder]).toEqual([-4.5, -1.5, 0, 0]);
      expect([...gradients.decoder]).toEqual([-4, -4, 0, 0]);
      expect([...gradients.decoderBias]).toEqual([-2, -2]);
    });

    test('gradients are clipped together', async () => {
      // Those of the relu above, whose squares come to 64.75.
      const state = startDenseState('relu', weights([-1, -2]));
      const task = { batches: [batch], learningRates: Float64Array.of(1), sparsities: Float64Array.of(0.5) };
      const rules = { projectGradient: false, normaliseDecoder: false, clipNorm: 2 };
      await one.trainDense(x, [{ state, ...task }], { ...plain, ...optimiser, ...rules });
      const scale = 2 / (Math.sqrt(64.75) + 1e-6);
      const { encoder, decoder, decoderBias, perFeature } = state.first;
      for (const [found, gradient] of [
        [encoder[0], -4.5],
        [encoder[1], -1.5],
        [decoder[1], -4],
        [decoderBias[0], -2],
        [perFeature[0][0], -1.5],
      ]) {
        expect(found).toBeCloseTo(0.1 * scale * gradient, 6);
      }
    });

    test('jumprelu', async () => {
      // p = (3, 1), θ = (2.75, 1.25), ε = 1: the first is active, both are near, the second would lower the error.
      const loss = { ...plain, architecture: 'jumprelu' as const, sparsity: 0.5 };
      const { parts, gradients } = await one.forwardBackward(weights([0, 0], [2.75, 1.25]), x, batch, loss);
      expect(parts).toEqual({ reconstruction: 1, sparsity: 0.5, auxiliary: 0, total: 1.5, l0: 1 });
      // ∂z = (0, −2): ∂θ = −θ·∂z − 0.5.
      expect([...gradients.perFeature[1]]).toEqual([-0.5, 2]);
      expect([...gradients.perFeature[0]]).toEqual([0, 0]);
      const target = await one.forwardBackward(weights([0, 0], [2.75, 1.25]), x, batch, {
        ...loss,
        targetL0: 0.5,
      });
      // (1/0.5 − 1)² = 1; ∂L0 = 2·0.5·1/0.5 = 2, only from the active entry.
      expect(target.parts.sparsity).toBe(0.5);
      expect([...target.gradients.perFeature[1]]).toEqual([-2, 2.5 - 0]);
    });

    test('gated', async () => {
      // y = (2, 0), z = (2·3 − 1, 0): x̂ − x = (2, −1); by the gate alone (−1, −1).
      const loss = { ...plain, architecture: 'gated' as const, sparsity: 0.5 };
      const two = Math.log(2);
      const { parts, gradients } = await one.forwardBackward(
        weights([-1, -2], [-1, 0], [two, 0]),
        x,
        batch,
        loss,
      );
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

  test('what does not fit or is not finite is refused, and says where', async () => {
    const x = zeros(2, 2);
    const weights = denseArrays('jumprelu', 3, 2, (n) => new Float32Array(n));
    const batch = Int32Array.of(0, 1);
    const loss: DenseLoss = { ...plain, architecture: 'jumprelu' };
    const refused = async (work: Promise<unknown>, code: string, message: RegExp) => {
      await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    };
    await refused(one.forwardBackward(weights, x, batch, plain), 'input.shape', /perFeature/);
    await refused(
      one.forwardBackward(weights, x, batch, { ...loss, bandwidth: 0 }),
      'input.shape',
      /bandwidth/,
    );
    await refused(one.forwardBackward(weights, x, Int32Array.of(2), loss), 'input.shape', /batches/);
    await refused(one.trainDense(x, [], { ...loss, ...optimiser, clipNorm: 0 }), 'input.shape', /clipNorm/);
    await refused(one.forwardBackward(weights, zeros(2, 3), batch, loss), 'input.shape', /encoder/);
    const infinite = fromRows([[1, Number.POSITIVE_INFINITY]]);
    await refused(one.encodeDense(weights, infinite, loss), 'input.non-finite', /x\[0, 1\]/);
    const hyper: DenseHyper = { ...plain, ...optimiser };
    const task = randomTask('relu', 2, 3, 2, 1, 1);
    const before = structuredClone(task.state);
    await refused(
      one.trainDense(infinite, [{ ...task, batches: [Int32Array.of(0)] }], hyper),
      'input.non-finite',
      /x\[0, 1\]/,
    );
    await refused(
      one.trainDense(x, [{ ...task, learningRates: new Float64Array(2) }], hyper),
      'input.shape',
      /learningRates/,
    );
    await refused(
      one.trainDense(x, [{ ...task, sparsities: Float64Array.of(Number.NaN) }], hyper),
      'input.non-finite',
      /sparsities\[0\]/,
    );
    await refused(
      one.trainDense(x, [{ ...task, batches: [Int32Array.of(2)] }], hyper),
      'input.shape',
      /batches/,
    );
    expect(task.state).toEqual(before);
    weights.perFeature[1][2] = Number.NaN;
    await refused(one.encodeDense(weights, x, loss), 'input.non-finite', /threshold\[2\]/);
  });

  test('stops when it is cancelled', async () => {
    const late = { signal: AbortSignal.abort() };
    const x = randomRows(70, 2, 70, 5);
    const task = randomTask('relu', 70, 3, 2, 1, 1);
    const { weights } = task.state;
    for (const work of [
      one.encodeDense(weights, x, plain, late),
      one.forwardBackward(weights, x, Int32Array.of(0), plain, late),
      one.trainDense(x, [task], { ...plain, ...optimiser }, late),
    ]) {
      await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    }
    expect(task.state.step).toBe(0);
  });
});
