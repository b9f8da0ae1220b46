// The 95 % intervals: how often they hold the true mean, and the true shares of init and order.
import { pairsOf } from '../../dist/metrics/pairs/pair-scores.js';
import { jackknifeOverMembers } from '../../dist/stats/jackknife.js';
import { mean, sampleSd } from '../../dist/stats/summary.js';
import { components, varianceComponents } from '../../dist/stats/variance-components.js';
import { related, rng, row, table, units } from './print.mjs';

/** How often the 95 % interval covers, and its width beside that of one that knows the SD. */
export async function coverage(kernel) {
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
  const planted = await Promise.all(sizes.map((n) => plantedGroups(n, dictionaries, kernel)));
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
async function plantedGroups(n, groups, kernel) {
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

/** Shares of init, order and either: their mean and how often their interval holds them, for SAEs that are sums of vectors. */
export async function crossed() {
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
