// Nulls of random directions: their means and SDs by formula beside drawn ones, and how long is drawn.
import { drawMax, sdByFormula } from '../../dist/metrics/chance/best-match.js';
import { drawBestCosine } from '../../dist/metrics/draws/drawn-cosine.js';
import { pairsOf } from '../../dist/metrics/pairs/pair-scores.js';
import { expectedMax } from '../../dist/stats/best-cosine.js';
import { meanOfDraws } from '../../dist/stats/mean-of-draws.js';
import { mean } from '../../dist/stats/summary.js';
import { rng, row, seed, standardError, table, units } from './print.mjs';

/** E[best |cosine|]: the formula, 10,000 features drawn by two numbers a direction, and dense pairs. */
export async function exact(kernel) {
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
export async function spread(kernel) {
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
export async function pairs(kernel) {
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

/** Drawing until the error of the mean is at most 1: how often ± 1.96 errors then hold the mean, and after how many draws. */
export function precision() {
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
