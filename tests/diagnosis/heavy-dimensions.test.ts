// data.heavy-dimensions: just inside and outside its thresholds, and what it does to a low rank and to a decoder score.
import { expect, test } from 'vitest';
import { diagnose, type Evidence } from '../../src/diagnosis/index.js';
import { withoutColumns } from '../../src/evidence/heavy-dimensions.js';
import { fromRows } from '../../src/tensor/index.js';
import { evidence, finding, outcome, score } from './hand.js';

const heavy = (heavyShare: number, change: Partial<NonNullable<Evidence['activations']>> = {}) => ({
  activations: {
    rows: 5000,
    distinctRows: 5000,
    effectiveRank: 30,
    heavyDimensions: 2,
    heavyShare,
    ...change,
  },
});

const counterfactual = [
  {
    headline: 'decoder.max',
    removed: ['data.heavy-dimensions'],
    measured: score('decoder.max', 0.4, 0.31),
  },
  {
    headline: 'decoder.max',
    removed: ['usage.dead-by-firing', 'data.heavy-dimensions'],
    measured: score('decoder.max.live', 0.45, 0.31),
  },
] as const;

test('a fifth of the variance warns, half fails', () => {
  expect(outcome('data.heavy-dimensions', heavy(0.19))).toBe('refuted info');
  expect(outcome('data.heavy-dimensions', heavy(0.21))).toBe('supported warn');
  expect(outcome('data.heavy-dimensions', heavy(0.51))).toBe('supported fail');
  expect(outcome('data.heavy-dimensions', {})).toBe('refuted info');
});

test('the score in the other dimensions stands beside, and what it takes away was feigned', () => {
  const spoilt = { ...heavy(0.9), counterfactual };
  expect(finding('data.heavy-dimensions', spoilt).evidence).toMatchObject({
    decoders: 0.9,
    decodersWithout: 0.45,
    chanceWithout: 0.31,
  });
  expect(diagnose(evidence(spoilt)).cause[0]).toMatchObject({
    finding: 'data.heavy-dimensions',
    metric: 'decoder.max',
    does: 'feigns',
  });
});

test('behind a low rank they are named', () => {
  const crowded = {
    ...score('decoder.max', 0.9, 0.3),
    otherNulls: [{ ...score('decoder.max', 0, 0.6).null!, kind: 'covariance-matched' as const }],
  };
  const { metrics } = evidence();
  const { cause } = diagnose(
    evidence({ ...heavy(0.9, { effectiveRank: 4 }), metrics: { ...metrics, 'decoder.max': crowded } }),
  );
  expect(cause.find((one) => one.finding === 'data.effective-rank')?.behind).toBe('data.heavy-dimensions');
});

test('a member in the other dimensions has their columns', () => {
  const sae = {
    architecture: 'relu',
    activation: { kind: 'relu' },
    subtractDecoderBias: false,
    encoder: fromRows([[1, 2, 3]]),
    encoderBias: new Float32Array(1),
    decoder: fromRows([[4, 5, 6]]),
    decoderBias: new Float32Array(3),
  } as const;
  const start = { ...sae, decoder: fromRows([[7, 8, 9]]) };
  const left = withoutColumns({ id: 'a', sae, init: start }, Int32Array.of(1));
  expect([left.sae.encoder, left.sae.decoder, left.init?.decoder].map((m) => [...m!.data])).toEqual([
    [1, 3],
    [4, 6],
    [7, 9],
  ]);
});
