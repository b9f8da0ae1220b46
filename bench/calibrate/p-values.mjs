// p-values of matches: uniform where there is nothing to find, right in a crowd, and how many false discoveries they let through.
import { readFileSync } from 'node:fs';
import { featureStability } from '../../dist/features/feature-stability.js';
import { secondMoment } from '../../dist/stats/angular-gaussian.js';
import { maxSurvival } from '../../dist/stats/best-cosine.js';
import { crowdTail, survivalInCrowd } from '../../dist/stats/best-cosine-in-crowd.js';
import { incompleteBeta } from '../../dist/stats/incomplete-beta.js';
import { mean } from '../../dist/stats/summary.js';
import { related, rng, row, standardError, table, units } from './print.mjs';

/** p-values of best matches between random directions. */
export async function uniform(kernel) {
  const head = ['d', 'F', 'G', 'p-values', 'distance', 'p of the distance', 'share p ≤ 0.05', 'p ≤ 0.001'];
  table('**p-values where there is nothing to find** (Kolmogorov–Smirnov against uniform)', ...head);
  const shapes = [[3, 50, 50, 200], [16, 64, 256, 100], [64, 512, 512, 20], [128, 1024, 1024, 10], [512, 1024, 4096, 4]]; // biome-ignore format: a table
  for (const [d, f, g, sets] of shapes) {
    const p = [];
    for (let s = 0; s < sets; s++) {
      const { aToB } = await kernel.bestMatches(
        units(f, d, 'uniform', d, s, 'a'),
        units(g, d, 'uniform', d, s, 'b'),
      );
      for (const value of aToB.abs.value) p.push(maxSurvival(d, g, Math.min(1, value)));
    }
    const { distance, p: pValue } = uniformity(p);
    const below = (level) => (p.filter((v) => v <= level).length / p.length).toFixed(4);
    row(d, f, g, p.length, distance.toFixed(4), pValue.toFixed(2), below(0.05), below(0.001));
  }
}

/** Kolmogorov–Smirnov against the uniform distribution: distance, and its p-value for many values. */
function uniformity(values) {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const distance = sorted.reduce((most, v, i) => Math.max(most, v - i / n, (i + 1) / n - v), 0);
  const z = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  let p = 0;
  for (let k = 1; k < 100; k++) p += 2 * (k % 2 ? 1 : -1) * Math.exp(-2 * k * k * z * z);
  return { distance, p: Math.min(1, Math.max(0, p)) };
}

/** Share of false ones among the matches with q ≤ 0.05, and of the planted features that are found. */
export async function fdr(kernel) {
  const [d, f, repeats] = [64, 512, 100];
  const head = ['planted', 'cosine', 'false-discovery rate ± SE', 'bound', 'found of the planted'];
  table(
    `**False discoveries at level 0.05** (d ${d}, F ${f}, ${repeats} pairs; bound: 0.05 · share not planted)`,
    ...head,
  );
  for (const share of [0, 0.1, 0.5]) {
    for (const cosine of share ? [0.95, 0.7, 0.6, 0.5] : [0]) {
      const planted = Math.round(share * f);
      const [rates, powers] = [[], []];
      for (let r = 0; r < repeats; r++) {
        const base = units(f, d, 'fdr', r);
        const other = related(base, planted, cosine, rng('fdr', share, cosine, r));
        const [{ qValueSphere: qValue }] = (
          await featureStability([member('a', base), member('b', other)], kernel)
        ).matches;
        const found = [...qValue.keys()].filter((i) => qValue[i] <= 0.05);
        rates.push(found.length ? found.filter((i) => i >= planted).length / found.length : 0);
        powers.push(planted ? found.filter((i) => i < planted).length / planted : 0);
      }
      const rate = `${mean(rates).toFixed(3)} ± ${standardError(rates).toFixed(3)}`;
      row(
        `${100 * share} %`,
        share ? cosine : '–',
        rate,
        (0.05 * (1 - share)).toFixed(3),
        share ? mean(powers).toFixed(2) : '–',
      );
    }
  }
}

/** An SAE of which only the decoder counts. */
function member(id, decoder) {
  const bias = (n) => new Float32Array(n);
  const weights = {
    encoder: decoder,
    decoder,
    encoderBias: bias(decoder.rows),
    decoderBias: bias(decoder.cols),
  };
  return {
    id,
    sae: {
      ...weights,
      architecture: 'topk',
      activation: { kind: 'topk', k: 1, relu: false },
      subtractDecoderBias: false,
    },
  };
}

/** p₁ in a crowd beside numerical inversion: of each spectrum the largest and smallest ratio over directions. */
export function crowd() {
  const cases = JSON.parse(readFileSync(new URL('../../tests/fixtures/crowd.json', import.meta.url), 'utf8'));
  const levels = [1e-2, 1e-4, 1e-6];
  table(
    '**p₁ of one direction in a crowd / the exact one** (over directions in the crowd, anywhere, along its first axis and ' +
      'outside; in brackets with δ = 1/ûᵀMû alone)',
    'd',
    'spectrum',
    ...levels.map((level) => `p₁ = ${level.toExponential(0)}`),
  );
  const shapes = new Map();
  for (const one of cases) {
    const key = `${one.lambda.length}/${one.spectrum}`;
    shapes.set(key, [...(shapes.get(key) ?? []), one]);
  }
  for (const [key, members] of shapes) {
    const [d, spectrum] = key.split('/');
    const cells = levels.map((level) => {
      const [ours, simple] = [[], []];
      for (const { lambda, squares, tails } of members) {
        const tail = crowdTail(Float64Array.from(lambda));
        const moment = secondMoment(Float64Array.from(lambda));
        const b = Array.from(tail.logS, (_, i) =>
          squares.reduce((sum, square, k) => sum + square * tail.weights[i * squares.length + k], 0),
        );
        const delta = 1 / squares.reduce((sum, square, k) => sum + square * moment[k], 0);
        for (const { cosine, value } of tails) {
          if (Math.abs(Math.log(value / level)) > 1) continue;
          ours.push(survivalInCrowd(tail, { b, within: 1 }, cosine) / value);
          simple.push(incompleteBeta(1 - cosine ** 2, Math.max(1e-9, delta - 1) / 2, 0.5) / value);
        }
      }
      const range = (values, say) => `${say(Math.min(...values))} … ${say(Math.max(...values))}`;
      return `${range(ours, (v) => v.toFixed(2))} (${range(simple, (v) => v.toPrecision(2))})`;
    });
    row(d, spectrum, ...cells);
  }
}
