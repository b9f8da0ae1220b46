// data.heavy-dimensions: just inside and outside its thresholds, and what it does to a low rank and to a decoder score.
import { expect, test } from 'vitest';
import { rowsOf } from '../../src/activations/activation-rows.js';
import { diagnose, type Evidence } from '../../src/diagnosis/index.js';
import { withOtherDimensionsFit, withoutColumns } from '../../src/evidence/heavy-dimensions.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { encode } from '../../src/sae/encode.js';
import { ColumnMoments } from '../../src/stats/column-moments.js';
import { fromRows, Rng, zeros } from '../../src/tensor/index.js';
import { evidence, finding, members, outcome, score } from './hand.js';

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

test('the fit in the other dimensions is that of an SAE of those alone', async () => {
  const rng = new Rng(2, 'heavy');
  const x = zeros(300, 6);
  for (let e = 0; e < x.data.length; e++) x.data[e] = rng.normal() * (e % 6 === 4 ? 50 : 1);
  const decoder = zeros(8, 6);
  rng.fillNormal(decoder.data);
  const sae = {
    architecture: 'topk',
    encoder: decoder,
    encoderBias: new Float32Array(8),
    decoder,
    decoderBias: Float32Array.of(1, 0, 0, 0, 9, 0),
    activation: { kind: 'topk', k: 2, relu: true, rankByDecoderNorm: false },
    subtractDecoderBias: false,
  } as const;
  const kernel = createPortableKernel({ threads: 1 });
  const codes = await encode(sae, x, kernel);
  await kernel.close();
  const moments = new ColumnMoments(new Float64Array(6));
  moments.add(x);
  const massive = {
    rows: Int32Array.of(0, 7),
    times: 1,
    share: 0,
    effectiveRank: 1,
    scatter: moments.means(),
  };
  const data = { moments, massive, codeRows: 300, stride: 1 };
  const [fitted, strange] = await withOtherDimensionsFit(
    [
      { id: 'a', sae, codes },
      { id: 'b', sae, codes, activations: x },
    ],
    rowsOf(x),
    data,
    undefined,
  );
  // By hand: x̂ = b + Σ z d over the other five columns and 298 rows.
  let [errors, spread] = [0, 0];
  const rows = [...Array(300).keys()].filter((n) => n !== 0 && n !== 7);
  for (const j of [0, 1, 2, 3, 5]) {
    const values = rows.map((n) => x.data[n * 6 + j]);
    const middle = values.reduce((sum, v) => sum + v / 298, 0);
    for (const [i, n] of rows.entries()) {
      let written = sae.decoderBias[j];
      for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
        written += codes.values[e] * decoder.data[codes.indices[e] * 6 + j];
      }
      errors += (values[i] - written) ** 2;
      spread += (values[i] - middle) ** 2;
    }
  }
  expect(fitted.otherDimensionsFit?.explainedVariance).toBeCloseTo(1 - errors / spread, 4);
  expect(strange.otherDimensionsFit).toBeUndefined();
  const told = finding('data.heavy-dimensions', {
    ...heavy(0.9),
    members: members({ otherDimensionsFit: { mse: 1, explainedVariance: 0.25, l0: 4 } }),
  });
  expect(told.evidence).toMatchObject({ explained: expect.closeTo(0.9, 12), explainedWithout: 0.25 });
});
