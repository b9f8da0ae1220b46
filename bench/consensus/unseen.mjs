// SAEs that have each shared feature with a probability of its own: is the number of those that are in no family within its
// interval, and what one more SAE added?
import { plantedDictionary } from '../../dist/activations/planted.js';
import { supportsOf } from '../../dist/features/families/supports.js';
import { returningFeatures } from '../../dist/stats/returning.js';
import { Rng } from '../../dist/tensor/rng.js';
import { directionsOnly, grouped, madeOf, withOwn } from './worlds.mjs';

const [dModel, shared, dSae, worlds] = [48, 100, 120, 100];

/** How likely it is that an SAE has a feature. */
const laws = {
  0.3: () => 0.3,
  0.6: () => 0.6,
  0.9: () => 0.9,
  'evenly from 0 to 1': (rng) => rng.uniform(),
  'half 1, half 0.4': (rng) => (rng.uniform() < 0.5 ? 1 : 0.4),
  'half 0.9, half 0.4': (rng) => (rng.uniform() < 0.5 ? 0.9 : 0.4),
};

/** Where an interval has no upper end, it counts as this. */
const endless = 1e4;

export async function unseen(kernel) {
  const rows = [];
  for (const law of Object.keys(laws)) {
    for (const n of [3, 5, 9]) {
      const drawn = [];
      for (let world = 0; world < worlds; world++) drawn.push(await estimated(kernel, law, n, world));
      rows.push([law, n, ...cellsOf(drawn.filter(({ found }) => found))]);
    }
  }
  const head = ['found with probability', 'SAEs', 'unseen', 'estimate', 'width of its interval', 'within'];
  return { head: [...head, 'one more SAE within'], rows };
}

/** What is told of n SAEs of a world, how many shared features fewer than two of them have, and how many new ones one more SAE has. */
async function estimated(kernel, law, n, world) {
  const rng = new Rng(world, 'unseen', law);
  const plan = directionsOnly({ shared, own: dSae, dModel, seed: world });
  const chances = Array.from({ length: shared }, () => laws[law](rng));
  const has = Array.from({ length: n + 1 }, () => chances.map((chance) => rng.uniform() < chance));
  const saes = Array.from({ length: n }, (_, s) => {
    const known = has[s].flatMap((there, f) => (there ? [f] : []));
    return madeOf(plantedDictionary(plan, s), withOwn(known, shared, dSae), 0.3, rng);
  });
  const support = chances.map((_, f) => has.slice(0, n).filter((one) => one[f]).length);
  return {
    found: returningFeatures(supportsOf(await grouped(kernel, saes))),
    truth: support.filter((count) => count < 2).length,
    added: support.filter((count, f) => count === 1 && has[n][f]).length,
  };
}

function cellsOf(drawn) {
  const mean = (of) => drawn.reduce((sum, one) => sum + of(one) / worlds, 0);
  const width = ({ high, low }) => Math.min(high ?? endless, endless) - low;
  const within = (value, { low, high = Number.POSITIVE_INFINITY }) => value >= low && value <= high;
  const hasEnd = drawn.some(({ found }) => found.unseen.high !== undefined);
  return [
    mean(({ truth }) => truth).toFixed(1),
    mean(({ found }) => found.unseen.value).toFixed(1),
    hasEnd ? mean(({ found }) => width(found.unseen)).toFixed(0) : 'no upper end',
    `${drawn.filter(({ truth, found }) => within(truth, found.unseen)).length} of ${worlds}`,
    `${drawn.filter(({ added, found }) => within(added, found.oneMore)).length} of ${worlds}`,
  ];
}
