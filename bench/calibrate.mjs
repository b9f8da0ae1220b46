// Checks the statistics by simulation and prints the tables of docs/statistics.md.
//
//   npm run calibrate -- [--only exact,spread,pairs,precision,uniform,fdr,crowd,coverage,crossed] [--threads N] [--kernel native|portable]
//
// Everything is drawn from named streams of seed 1: the same tables each time, whatever the kernel and the threads.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { featureStability } from '../dist/features/feature-stability.js';
import { selectKernel } from '../dist/kernel/select.js';
import { drawMax, randomDirections, sdByFormula } from '../dist/metrics/chance/best-match.js';
import { drawBestCosine } from '../dist/metrics/draws/drawn-cosine.js';
import { pairsOf } from '../dist/metrics/pairs/pair-scores.js';
import { secondMoment } from '../dist/stats/angular-gaussian.js';
import { expectedMax, maxSurvival } from '../dist/stats/best-cosine.js';
import { crowdTail, survivalInCrowd } from '../dist/stats/best-cosine-in-crowd.js';
import { incompleteBeta } from '../dist/stats/incomplete-beta.js';
import { jackknifeOverMembers } from '../dist/stats/jackknife.js';
import { meanOfDraws } from '../dist/stats/mean-of-draws.js';
import { mean, sampleSd } from '../dist/stats/summary.js';
import { components, varianceComponents } from '../dist/stats/variance-components.js';
import { unitRows } from '../dist/tensor/matrix.js';
import { Rng } from '../dist/tensor/rng.js';

const seed = 1;
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    threads: { type: 'string', default: '1' },
    kernel: { type: 'string', default: 'auto' },
  },
});
const kernel = selectKernel({ threads: Number(options.threads), kernel: options.kernel });

const rng = (...stream) => new Rng(seed, 'calibrate', ...stream);
const units = (features, d, ...stream) => unitRows(randomDirections(features, d, rng(...stream))).unit;
const standardError = (values) => sampleSd(values) / Math.sqrt(values.length);
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

function table(title, ...head) {
  console.log(`\n${title}\n`);
  row(...head);
  row(...head.map(() => '---'));
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

/** E[best |cosine|]: the formula, 10,000 features drawn by two numbers a direction, and dense pairs. */
async function exact() {
  const head = ['d', 'F', 'formula', '10,000 features ± SE', 'SEs off', '20 dense pairs ± SE', 'SEs off'];
  table('**Mean of a best \\|cosine\\|**', ...head);
  const shapes = [
    [2, 8, true],
    [16, 16, true],
    [16, 1024, true],
    [128, 128, true],
    [128, 1024, true],
    [512, 512, true],
    [512, 4096, true],
    [768, 16_384, false],
    [2304, 16_384, false],
    [2304, 65_536, false],
  ];
  for (const [d, f, dense] of shapes) {
    const level = expectedMax(d, f);
    const draw = rng('exact', d, f);
    const drawn = Array.from({ length: 10_000 }, () => drawBestCosine(d, f, draw));
    const error = standardError(drawn);
    const features = [
      `${mean(drawn).toFixed(5)} ± ${error.toFixed(5)}`,
      ((mean(drawn) - level) / error).toFixed(1),
    ];
    const pairs = dense && (await drawMax([f, f], d, { kernel, seed, draws: 20 }));
    const off = pairs && (pairs.mean - level) / pairs.meanError;
    const whole = pairs
      ? [`${pairs.mean.toFixed(5)} ± ${pairs.meanError.toFixed(5)}`, off.toFixed(1)]
      : ['–', '–'];
    row(d, f, level.toFixed(5), ...features, ...whole);
  }
}

/** SD of a group's mean score: the formula beside drawn groups of five. */
async function spread() {
  const head = ['d', 'F', 'SD by formula', 'SD of drawn groups', 'formula / drawn'];
  table(
    '**SD of the mean best \\|cosine\\| of five random SAEs** (drawn: 400 groups, an SD to about 4 %)',
    ...head,
  );
  for (const [d, f] of [
    [4, 16],
    [8, 32],
    [16, 16],
    [16, 128],
    [64, 64],
    [128, 256],
  ]) {
    // biome-ignore format: a table
    const widths = Array.from({ length: 5 }, () => f);
    const drawn = await drawMax(widths, d, { kernel, seed, draws: 400 });
    const formula = sdByFormula(widths, d);
    row(d, f, formula.toExponential(2), drawn.sd.toExponential(2), (formula / drawn.sd).toFixed(2));
  }
}

/** Correlation of the scores of two pairs that share an SAE. */
async function pairs() {
  const triples = 600;
  const head = ['d', 'F', 'best match', 'one-to-one', 'one-to-one, absolute'];
  table(
    `**Correlation of two pairs that share an SAE** (${triples} triples; ± ${(1 / Math.sqrt(3 * triples)).toFixed(2)})`,
    ...head,
  );
  for (const [d, f] of [
    [4, 16],
    [8, 32],
    [16, 16],
    [16, 64],
    [64, 64],
  ]) {
    // biome-ignore format: a table
    const scores = [[], [], []];
    for (let t = 0; t < triples; t++) {
      const sets = [0, 1, 2].map((i) => units(f, d, 'pairs', d, f, t, i));
      for (const [i, j] of pairsOf(3)) {
        const best = await kernel.bestMatches(sets[i], sets[j]);
        scores[0].push(mean(best.aToB.abs.value) / 2 + mean(best.bToA.abs.value) / 2);
        scores[1].push((await kernel.assign(sets[i], sets[j])).total / f);
        scores[2].push((await kernel.assign(sets[i], sets[j], { absolute: true })).total / f);
      }
    }
    row(d, f, ...scores.map((values) => correlation(values).toFixed(2)));
  }
}

/** Values come in threes, whose pairs all share one member. */
function correlation(values) {
  const centre = mean(values);
  const off = values.map((v) => v - centre);
  let products = 0;
  for (let t = 0; t < off.length; t += 3) {
    products += off[t] * off[t + 1] + off[t] * off[t + 2] + off[t + 1] * off[t + 2];
  }
  return products / off.reduce((sum, v) => sum + v * v, 0);
}

/** p-values of best matches between random directions. */
async function uniform() {
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

/** Unit rows of which the first `shared` have this cosine with those of `base` on average. */
function related(base, shared, cosine, draw) {
  const { rows, cols } = base;
  const own = unitRows(randomDirections(rows, cols, draw)).unit;
  const rest = Math.sqrt(1 - cosine ** 2);
  for (let at = 0; at < shared * cols; at++) own.data[at] = cosine * base.data[at] + rest * own.data[at];
  return unitRows(own).unit;
}

/** Share of false ones among the matches with q ≤ 0.05, and of the planted features that are found. */
async function fdr() {
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

/** Pair values of n SAEs; what their mean is on average is `centre`. */
function models() {
  const normal = (draw) => draw.normal();
  const skewed = (draw) => -Math.log(1 - draw.uniform()) - 1;
  const additive = (title, ofSae, ofPair, effect = normal) => ({
    title,
    centre: 0,
    draw: (n, r) => {
      const effects = Array.from({ length: n }, () => ofSae * effect(r));
      return pairsOf(n).map(([i, j]) => effects[i] + effects[j] + ofPair * r.normal());
    },
  });
  return [
    additive('SAEs differ, pairs add nothing', 1, 0),
    additive('as much from the pair as from an SAE', 1, 1),
    additive('four times as much from the pair', 1, 4),
    additive('only the pair', 0, 1),
    additive('SAEs differ, exponentially skewed', 1, 0.5, skewed),
    {
      title: 'one SAE in five fails (score 0.3² … 0.8²)',
      centre: (0.8 * 0.8 + 0.2 * 0.3) ** 2,
      draw: (n, r) => {
        const quality = Array.from({ length: n }, () => (r.uniform() < 0.2 ? 0.3 : 0.8) + 0.02 * r.normal());
        return pairsOf(n).map(([i, j]) => quality[i] * quality[j]);
      },
    },
  ];
}

/** How often the 95 % interval covers, and its width beside that of one that knows the SD. */
async function coverage() {
  const repeats = 20_000;
  const sizes = [3, 5, 10];
  const cell = (hits, reaches, means) => {
    const width = mean(reaches) / (1.96 * sampleSd(means));
    return `${((100 * hits) / means.length).toFixed(1)} % (${width.toFixed(1)}×)`;
  };
  table(
    `**Coverage of the 95 % interval** (${repeats.toLocaleString('en')} groups, ± 0.2 %; in brackets its mean width ` +
      'beside mean ± 1.96 SD with the SD known)',
    'pair values',
    ...sizes.map((n) => `n = ${n}`),
  );
  for (const { title, centre, draw } of models()) {
    row(title, ...sizes.map((n) => cell(...simulate(n, repeats, centre, rng('coverage', title, n), draw))));
  }
  const dictionaries = 400;
  const planted = await Promise.all(sizes.map((n) => plantedGroups(n, dictionaries)));
  // The expected score of a pair is what all pairs of all groups have on average.
  const centre = mean(planted.flat(2));
  row(
    `planted dictionaries, unequally trained (d 16, F 48; ${dictionaries} groups, ± 1.1 %)`,
    ...sizes.map((n, at) =>
      cell(...simulate(n, dictionaries, centre, undefined, (_, __, g) => planted[at][g])),
    ),
  );
}

function simulate(n, repeats, centre, draw, values) {
  const ids = Array.from({ length: n }, (_, i) => String(i));
  const order = pairsOf(n);
  const [reaches, means] = [[], []];
  let hits = 0;
  for (let r = 0; r < repeats; r++) {
    const scores = values(n, draw, r);
    const pairValues = order.map(([i, j], at) => ({ a: ids[i], b: ids[j], value: scores[at] }));
    const { low, high } = jackknifeOverMembers(pairValues, ids);
    if (low <= centre && centre <= high) hits++;
    reaches.push((high - low) / 2);
    means.push(mean(scores));
  }
  return [hits, reaches, means];
}

/** decoder.max of all pairs, of SAEs that learnt the same 24 of 48 features, each SAE with a noise of its own. */
async function plantedGroups(n, groups) {
  const [d, f, shared] = [16, 48, 24];
  const truth = units(f, d, 'planted', 'truth');
  const out = [];
  for (let g = 0; g < groups; g++) {
    const saes = Array.from({ length: n }, (_, i) => {
      const draw = rng('planted', n, g, i);
      const cosine = 0.8 + 0.05 * Math.max(-3, Math.min(3, draw.normal()));
      return related(truth, shared, cosine, draw);
    });
    const scores = [];
    for (const [i, j] of pairsOf(n)) {
      const { aToB, bToA } = await kernel.bestMatches(saes[i], saes[j]);
      scores.push(0.5 * (mean(aToB.abs.value) + mean(bToA.abs.value)));
    }
    out.push(scores);
  }
  return out;
}

/** Shares of init, order and either: their mean and how often their interval holds them, for SAEs that are sums of vectors. */
async function crossed() {
  const repeats = 2_000;
  const dimensions = 8;
  table(
    `**Init against order** (${repeats.toLocaleString('en')} crosses, ± 0.5 %; mean of the shares found, in brackets how ` +
      'often the 95 % interval holds the true one)',
    'true init, order, either',
    'init × order seeds',
    ...components,
  );
  for (const shares of [
    [0.6, 0.1, 0.3],
    [0.1, 0.1, 0.8],
    [0.3, 0.6, 0.1],
    [0, 0, 1],
  ]) {
    for (const [inits, orders] of [
      [3, 3],
      [4, 4],
      [3, 8],
      [6, 6],
    ]) {
      const found = Array.from({ length: repeats }, (_, at) =>
        cross(shares, inits, orders, dimensions, rng('crossed', ...shares, inits, orders, at)),
      );
      const cells = components.map((component, c) => {
        const of = found.map((one) => one.shares[component]);
        const held = of.filter(({ interval }) => interval.low <= shares[c] && shares[c] <= interval.high);
        return `${mean(of.map(({ value }) => value)).toFixed(2)} (${((100 * held.length) / repeats).toFixed(1)} %)`;
      });
      row(shares.map((s) => `${100 * s} %`).join(', '), `${inits} × ${orders}`, ...cells);
    }
  }
}

/** A cross whose SAEs are points, each the sum of the vectors of its init seed, its order seed, and its own. */
function cross(shares, inits, orders, dimensions, draw) {
  const vectors = (n, share) =>
    Array.from({ length: n }, () =>
      Array.from({ length: dimensions }, () => Math.sqrt(share) * draw.normal()),
    );
  const [a, b, c] = [
    vectors(inits, shares[0]),
    vectors(orders, shares[1]),
    vectors(inits * orders, shares[2]),
  ];
  const members = c.map((own, at) => {
    const [i, j] = [Math.floor(at / orders), at % orders];
    const place = own.map((v, m) => v + a[i][m] + b[j][m]);
    return { id: String(at), initSeed: i, orderSeed: j, place };
  });
  const scores = pairsOf(members.length).map(([i, j]) => {
    const [one, other] = [members[i], members[j]];
    const distance = one.place.reduce((sum, v, m) => sum + (v - other.place[m]) ** 2, 0);
    return { a: one.id, b: other.id, value: 1 - distance };
  });
  return varianceComponents(scores, members);
}

/** Drawing until the error of the mean is at most 1: how often ± 1.96 errors then hold the mean, and after how many draws. */
function precision() {
  const repeats = 20_000;
  const limit = 20;
  table(
    `**Drawing until the error is small** (${repeats.toLocaleString('en')} nulls of normal draws, ± 0.2 %; at most ${limit} draws)`,
    'SD of a draw / precision',
    'mean number of draws',
    'true mean within 1.96 errors',
  );
  const strata = new Map([['all', 1]]);
  for (const ratio of [0.1, 0.3, 0.5, 1, 2, 4, 8]) {
    const draw = rng('precision', ratio);
    let [held, used] = [0, 0];
    for (let r = 0; r < repeats; r++) {
      const values = [ratio * draw.normal()];
      const of = ['all'];
      let found;
      do {
        values.push(ratio * draw.normal());
        of.push('all');
        found = meanOfDraws(values, of, strata);
      } while (values.length < limit && found.error > 1);
      if (Math.abs(found.mean) <= 1.96 * found.error) held++;
      used += values.length;
    }
    row(ratio, (used / repeats).toFixed(1), `${((100 * held) / repeats).toFixed(1)} %`);
  }
}

/** p₁ in a crowd beside numerical inversion: of each spectrum the largest and smallest ratio over directions. */
function crowd() {
  const cases = JSON.parse(readFileSync(new URL('../tests/fixtures/crowd.json', import.meta.url), 'utf8'));
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

const parts = { exact, spread, pairs, precision, uniform, fdr, crowd, coverage, crossed };
const chosen = options.only?.split(',') ?? Object.keys(parts);
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`calibrate: nothing called ${unknown.join(', ')}; there is ${Object.keys(parts).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of chosen) await parts[name]();
}
await kernel.close();
