// ReLU, JumpReLU and Gated autoencoders: gradients against finite differences, codes against their definition.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DenseArchitecture, type DenseArrays, namedArrays } from '../../src/kernel/dense.js';
import { encodeDense } from '../../src/kernel/portable/dense.js';
import { forwardBackward } from '../../src/kernel/portable/dense-step.js';
import { exponential } from '../../src/kernel/portable/exponential.js';
import { takeRows } from '../../src/tensor/index.js';
import { type Tiny, tiny } from '../contracts/dense-cases.js';

/** Which features are active; for the gate, y instead of z is what has a kink. */
function active({ x, weights, loss }: Tiny): string {
  const codes = (w: DenseArrays<Float32Array>, architecture: DenseArchitecture): string => {
    const { offsets, indices } = encodeDense(w, x, { ...loss, architecture });
    return `${offsets}|${indices}`;
  };
  const gate = { ...weights, perFeature: [weights.perFeature[0]] };
  return codes(weights, loss.architecture) + (loss.architecture === 'gated' ? codes(gate, 'relu') : '');
}

/** Length of the row of [F × d] that entry e is in. */
function rowNorm(values: Float32Array, e: number, d: number): number {
  const from = e - (e % d);
  return Math.hypot(...values.subarray(from, from + d));
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
        // ‖D_i‖ has a kink at 0, which a step must not come near.
        if (key === 'decoder' && loss.weighByDecoderNorm && rowNorm(values, i, x.cols) < 0.25) return;
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
