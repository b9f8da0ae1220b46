// The cosine with a start of uniform entries, estimated from what is left of its shape.
import { describe, expect, test } from 'vitest';
import { startShape } from '../../src/evidence/start-shape.js';
import type { SaeWeights } from '../../src/sae/sae.js';
import { rowKurtosis } from '../../src/stats/row-kurtosis.js';
import { type Matrix, Rng, row, zeros } from '../../src/tensor/index.js';

const [features, d] = [128, 48];

function drawn(kind: 'uniform' | 'normal', name: string): Matrix {
  const out = zeros(features, d);
  const rng = new Rng(9, name);
  if (kind === 'uniform') rng.fillUniform(out.data, 0.2);
  else rng.fillNormal(out.data);
  return out;
}

/** cosine · start + √(1 − cosine²) · learned, row by row; the start uniform, what is learned normal. */
function moved(cosine: (i: number) => number): SaeWeights {
  const [start, learned] = [drawn('uniform', 'start'), drawn('normal', 'learned')];
  const decoder = zeros(features, d);
  const unit = (m: Matrix, i: number) => {
    const norm = Math.hypot(...row(m, i));
    return row(m, i).map((v) => v / norm);
  };
  for (let i = 0; i < features; i++) {
    const [s, l] = [unit(start, i), unit(learned, i)];
    row(decoder, i).forEach((_, j, to) => {
      to[j] = cosine(i) * s[j] + Math.sqrt(1 - cosine(i) ** 2) * l[j];
    });
  }
  const encoder = drawn('normal', 'encoder');
  return { encoder, encoderBias: new Float32Array(features), decoder, decoderBias: new Float32Array(d) };
}

describe('the cosine with the start', () => {
  test.each([1, 0.95, 0.9, 0.8, 0.7])('of %d is estimated to 0.06', (cosine) => {
    expect(
      Math.abs(
        startShape(
          moved(() => cosine),
          undefined,
        ).cosine - cosine,
      ),
    ).toBeLessThan(0.06);
  });

  test.each([0.3, 0])('of %d leaves no trace', (cosine) => {
    expect(
      startShape(
        moved(() => cosine),
        undefined,
      ).cosine,
    ).toBeLessThan(0.5);
  });

  test('is not seen where the true features may be as flat: an activation is a sum of them', () => {
    const free = (3 * d) / (d + 2);
    const of = (kurtosis: number, active: number) =>
      startShape(
        moved(() => 0.9),
        undefined,
        { kurtosis, active },
      ).cosine;
    // No flatter than free directions: as without activations.
    expect(of(free, 4)).toBe(
      startShape(
        moved(() => 0.9),
        undefined,
      ).cosine,
    );
    expect(of(free + 2, 4)).toBe(of(free, 4));
    // Four features of κ 1.8 in a row: a quarter of the way from κ_∞ there.
    expect(of(free - (free - 1.8) / 4, 4)).toBe(0);
    expect(of(free - (free - 1.8) / 4, 1)).toBeGreaterThan(0.8);
    // Learned rows that are a bit flat leave less for the start.
    expect(of(free - 0.02, 4)).toBeLessThan(of(free, 4));
  });

  test('is right, too, where what was learned is a bit flat itself', () => {
    const [start, learned] = [drawn('uniform', 'start'), drawn('normal', 'learned')];
    const flat = drawn('uniform', 'flat');
    const weights = moved(() => 1);
    const kurtosis = (m: Matrix) => rowKurtosis(m)!;
    // An SD of 0.11 normal and of 0.12 uniform.
    const mixed = { ...learned, data: learned.data.map((v, e) => v / 9 + flat.data[e]) };
    const { decoder } = weights;
    for (let i = 0; i < features; i++) {
      const [s, l] = [row(start, i), row(mixed, i)];
      const [ns, nl] = [Math.hypot(...s), Math.hypot(...l)];
      row(decoder, i).forEach((_, j, to) => {
        to[j] = 0.85 * (s[j] / ns) + Math.sqrt(1 - 0.85 ** 2) * (l[j] / nl);
      });
    }
    const told = startShape(weights, undefined, { kurtosis: kurtosis(mixed), active: 1 });
    expect(kurtosis(mixed)).toBeLessThan(2.7);
    expect(Math.abs(told.cosine - 0.85)).toBeLessThan(0.06);
  });

  test('does not depend on the length of rows', () => {
    const weights = moved(() => 0.9);
    const { decoder } = weights;
    const scaled = { ...decoder, data: decoder.data.map((v, at) => v * (1 + Math.floor(at / d))) };
    expect(startShape({ ...weights, decoder: scaled }, undefined).cosine).toBeCloseTo(
      startShape(weights, undefined).cosine,
      5,
    );
  });

  test('is told apart for live and dead features', () => {
    const live = Int32Array.from({ length: 64 }, (_, i) => i);
    const { cosineLive = 1, cosineDead = 0 } = startShape(
      moved((i) => (i < 64 ? 0.2 : 1)),
      live,
    );
    expect(cosineLive).toBeLessThan(0.5);
    expect(cosineDead).toBeGreaterThan(0.95);
  });

  test('is not given for too few entries', () => {
    const live = Int32Array.from([0, 1]);
    expect(
      startShape(
        moved(() => 1),
        live,
      ).cosineLive,
    ).toBeUndefined();
  });
});

test('rows whose encoder row still points the same way are counted', () => {
  const weights = moved(() => 1);
  const encoder = { ...weights.encoder, data: weights.encoder.data.slice() };
  for (let i = 0; i < 10; i++) row(encoder, i).set(row(weights.decoder, i).map((v) => 3 * v));
  row(encoder, 10).set(row(weights.decoder, 10).map((v) => -v));
  expect(startShape({ ...weights, encoder }, undefined).tied).toBe(10);
});

describe('what is known of few rows', () => {
  /** [rows × 16] entries of +1 and −1, which are flatter than any start, with so many rows of zeros after them. */
  const signs = (rows: number, empty = 0): SaeWeights => {
    const decoder = zeros(rows + empty, 16);
    for (let e = 0; e < rows * 16; e++) decoder.data[e] = e % 3 === 0 ? -1 : 1;
    const encoder = zeros(rows + empty, 16);
    return {
      encoder,
      encoderBias: new Float32Array(rows + empty),
      decoder,
      decoderBias: new Float32Array(16),
    };
  };

  test('is told from 512 entries on, of rows that have a length', () => {
    const live = Int32Array.from({ length: 32 }, (_, i) => i);
    // Flatter than uniform entries is as near to the start as can be.
    expect(startShape(signs(32), live)).toEqual({ cosine: 1, cosineLive: 1, tied: 0 });
    expect(startShape(signs(31, 5), undefined)).toEqual({ cosine: 0, tied: 0 });
    expect(startShape(signs(31, 5), live)).not.toHaveProperty('cosineLive');
    expect(startShape(signs(40, 9), undefined).cosine).toBe(1);
  });

  test('counts from three standard errors of a mean kurtosis on', () => {
    const weights = moved(() => 0.8);
    const kurtosis = rowKurtosis(weights.decoder)!;
    const free = (3 * d) / (d + 2);
    // Over n normal entries the kurtosis has a variance of about 24/n.
    const error = Math.sqrt(24 / (features * d));
    const beyond = (errors: number) =>
      startShape(weights, undefined, { kurtosis: kurtosis + errors * error, active: 1 }).cosine;
    expect(kurtosis + 3.1 * error).toBeLessThan(free);
    expect(beyond(2.99)).toBe(0);
    expect(beyond(3.01)).toBeGreaterThan(0);
  });
});

test('rows are tied whatever their length, and not without one', () => {
  const decoder = zeros(4, 2);
  decoder.data.set([0.1, 0, 0, 30, 0, 0, 1, 1]);
  const encoder = zeros(4, 2);
  encoder.data.set([0.2, 0, 0, 0.01, 0, 5, 0, 0]);
  const biases = { encoderBias: new Float32Array(4), decoderBias: new Float32Array(2) };
  expect(startShape({ encoder, decoder, ...biases }, undefined).tied).toBe(2);
});
