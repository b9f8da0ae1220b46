// How well families of features are what they should be, where that is known: the tables of docs/consensus.md.
//
//   npm run consensus-worlds -- [--only made,trained,nothing,unseen] [--overlap 0.1,0.5,1] [--threads N]
//
// made     SAEs whose decoder rows are four fifths of the shared features, off by noise, and others of their own. A family is
//          right where all its members are the same shared feature; one is recovered where a family is of it, and whole where
//          all SAEs that have it are in one family.
// trained  SAEs that were trained on planted worlds (src/activations/planted.ts): each on a world of its own, of which a
//          given share of the features is in all worlds. A family is right where its mean direction has a cosine of at least 0.9
//          with a shared feature, one family for each. Members of another are those of right families that are nearer to another
//          true feature: one that an SAE has merged with this one, mostly. SAEs have the feature of a family where two of its members
//          or more have a |cosine| of 0.9 or more with a true feature of their world, a shared one or not. Of no feature is a family whose members have no
//          shared feature in common, with a |cosine| of 0.5 or more each. A shared feature is to be found where two SAEs or more have it (cosine of at least 0.9 with a decoder row), and is
//          found where one family holds the features of all SAEs that have it.
// nothing  worlds without a shared feature: how many have a family, and how many families there are of as many as there could be.
// unseen   SAEs that have each shared feature with a probability of its own: is the number of those that are in no family
//          within its interval, and what one more SAE added.
import { parseArgs } from 'node:util';
import { plantedDictionary, plantedWorld } from '../dist/activations/planted.js';
import { byDirections } from '../dist/features/families/by-directions.js';
import { familiesOf } from '../dist/features/families/families.js';
import { meanDirections } from '../dist/features/families/mean-direction.js';
import { supportsOf } from '../dist/features/families/supports.js';
import { selectKernel } from '../dist/kernel/select.js';
import { returningFeatures } from '../dist/stats/returning.js';
import { row, rowNorms, zeros } from '../dist/tensor/matrix.js';
import { Rng } from '../dist/tensor/rng.js';
import { train } from '../dist/training/loop.js';
import { plain } from '../dist/training/recipes/plain.js';
import { saeOf } from '../dist/training/sae-in-training.js';
import { startState } from '../dist/training/state.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'made,trained,nothing,unseen' },
    overlap: { type: 'string', default: '0.1,0.5,1' },
    threads: { type: 'string', default: '1' },
  },
});
const kernel = selectKernel({ threads: Number(options.threads) });
const overlaps = options.overlap.split(',').map(Number);
const parts = { made, trained, nothing, unseen };
for (const name of options.only.split(',')) await parts[name]();
await kernel.close();

function print(header, rows) {
  console.log(`| ${header.join(' | ')} |\n| ${header.map(() => '---').join(' | ')} |`);
  for (const one of rows) console.log(`| ${one.join(' | ')} |`);
  console.log('');
}

async function grouped(saes, cosine) {
  const members = saes.map((sae, s) => ({ id: `sae-${s}`, sae }));
  return familiesOf(
    members.map(({ id }) => id),
    byDirections(members, kernel),
    cosine === undefined ? {} : { cosine },
  );
}

/** Of each decoder row the true feature with the largest |cosine|, and that; of each true feature the largest cosine of a row. */
function against(sae, dictionary) {
  const norms = rowNorms(sae.decoder);
  const nearest = new Int32Array(norms.length).fill(-1);
  const size = new Float64Array(norms.length);
  const best = new Float64Array(dictionary.rows);
  const place = new Int32Array(dictionary.rows).fill(-1);
  norms.forEach((norm, i) => {
    if (norm === 0) return;
    let most = 0;
    for (let f = 0; f < dictionary.rows; f++) {
      let cosine = 0;
      const [a, b] = [row(sae.decoder, i), row(dictionary, f)];
      for (let t = 0; t < a.length; t++) cosine += a[t] * b[t];
      cosine /= norm;
      if (Math.abs(cosine) > most) [most, nearest[i]] = [Math.abs(cosine), f];
      if (cosine > best[f]) [best[f], place[f]] = [cosine, i];
    }
    size[i] = most;
  });
  return { nearest, size, best, place };
}

function cosinesWith(sae, feature, dictionary) {
  const own = row(sae.decoder, feature);
  const norm = Math.hypot(...own);
  return Array.from({ length: dictionary.rows }, (_, f) =>
    row(dictionary, f).reduce((sum, value, t) => sum + (value * own[t]) / norm, 0),
  );
}

async function made() {
  const lines = [];
  for (const overlap of overlaps) {
    for (const noise of [0.1, 0.3, 0.5]) {
      for (const n of [3, 5, 9]) {
        const [dModel, dSae, worlds] = [64, 200, 5];
        let [families, right, wanted, recovered, whole] = [0, 0, 0, 0, 0];
        for (let world = 0; world < worlds; world++) {
          const shared = Math.round(overlap * dSae);
          const plan = {
            ...{ features: shared + dSae, dModel, rows: 1, active: 1, firing: 'exactly', zipf: 0, noise: 0 },
            ...{ overlap: shared / (shared + dSae), seed: world },
          };
          const rng = new Rng(world, 'made', String(overlap), String(noise), n);
          // Each SAE has four fifths of the shared features, and others of its own.
          const has = Array.from({ length: n }, () =>
            Array.from({ length: shared }, () => rng.uniform() < 0.8),
          );
          const of = has.map((known) => known.flatMap((there, f) => (there ? [f] : [])));
          const chosen = of.map((known) => [
            ...known,
            ...Array.from({ length: dSae - known.length }, (_, f) => shared + f),
          ]);
          const saes = chosen.map((features, s) => madeOf(plantedDictionary(plan, s), features, noise, rng));
          const grown = (await grouped(saes)).families;
          families += grown.length;
          const truths = grown.map(
            ({ members }) => new Set(members.map(({ sae, feature }) => chosen[sae][feature])),
          );
          const pure = truths.map((truth) => truth.size === 1 && [...truth][0] < shared);
          right += pure.filter(Boolean).length;
          for (let f = 0; f < shared; f++) {
            const count = has.filter((known) => known[f]).length;
            if (count < 2) continue;
            wanted++;
            const own = grown.filter((_, at) => pure[at] && truths[at].has(f));
            if (own.length > 0) recovered++;
            if (own.some(({ members }) => members.length === count)) whole++;
          }
        }
        lines.push([
          `${100 * overlap} %`,
          noise,
          n,
          families,
          (right / families).toFixed(3),
          (recovered / wanted).toFixed(3),
          (whole / wanted).toFixed(3),
        ]);
      }
    }
  }
  print(['overlap', 'noise', 'SAEs', 'families', 'precision', 'recall', 'whole'], lines);
}

async function trained() {
  const [features, dModel, rows, active] = [64, 48, 3000, 3];
  const tallies = new Map();
  for (const overlap of overlaps) {
    for (const noise of [0.05, 0.3]) {
      for (const dSae of [32, 64, 128]) {
        const plan = {
          features,
          dModel,
          rows,
          active,
          firing: 'exactly',
          zipf: 0.5,
          noise,
          overlap,
          seed: 7,
        };
        const worlds = [];
        const saes = [];
        for (let s = 0; s < 9; s++) {
          const world = plantedWorld(plan, overlap === 1 ? 0 : s);
          worlds.push(world);
          const state = startState(plain.init(s, dModel, dSae));
          const sae = { architecture: 'topk', dSae, k: active };
          await train(
            world.x,
            [{ id: 's', orderSeed: s, state }],
            { sae, recipe: plain, epochs: 20, batchSize: 64, learningRate: 3e-3 },
            kernel,
          );
          saes.push(saeOf({ adam: state.adam, losses: [] }, { sae, recipe: plain }));
        }
        const seen = saes.map((sae, s) => against(sae, worlds[s].dictionary));
        const { shared } = worlds[0];
        for (const n of [3, 5, 9]) {
          const { families, optimum } = await grouped(saes.slice(0, n));
          const members = saes.slice(0, n).map((sae, s) => ({ id: `sae-${s}`, sae }));
          const means = meanDirections(members, families);
          const { place, best } = against({ decoder: means }, worlds[0].dictionary);
          // Each shared feature counts once: with the family whose mean direction is nearest to it.
          const right = new Set();
          const truthOf = new Map();
          for (let f = 0; f < shared; f++) {
            if (best[f] < 0.9) continue;
            right.add(place[f]);
            truthOf.set(place[f], f);
          }
          const all = families.flatMap((family, at) =>
            family.members.map(({ sae, feature }) => ({ at, nearest: seen[sae].nearest[feature] })),
          );
          // Members with no shared feature in common.
          const ofNone = families.filter(({ members: own }) => {
            const known = own.map(({ sae, feature }) =>
              cosinesWith(saes[sae], feature, worlds[sae].dictionary),
            );
            return !known[0].some(
              (_, f) => f < shared && known.every((cosines) => Math.abs(cosines[f]) >= 0.5),
            );
          });
          const astray = all.filter(({ at, nearest }) => right.has(at) && nearest !== truthOf.get(at));
          const had = families.flatMap(({ members: own }, at) =>
            own.filter(({ sae, feature }) => seen[sae].size[feature] >= 0.9).length >= 2 ? [at] : [],
          );
          let [wanted, found] = [0, 0];
          for (let f = 0; f < shared; f++) {
            const having = seen.slice(0, n).flatMap(({ best }, s) => (best[f] >= 0.9 ? [s] : []));
            if (having.length < 2) continue;
            wanted++;
            const whole = families.some(({ members }) =>
              having.every((s) =>
                members.some(({ sae, feature }) => sae === s && seen[s].nearest[feature] === f),
              ),
            );
            if (whole) found++;
          }
          const key = `${100 * overlap} %,${dSae}`;
          const sums = tallies.get(key) ?? [];
          const { components, proven } = optimum;
          const counts = [
            ...[families.length, right.size, had.length, had.filter((at) => right.has(at)).length],
            ...[ofNone.length, all.length, astray.length],
            ...[wanted, found, components, proven],
          ];
          tallies.set(
            key,
            counts.map((count, at) => count + (sums[at] ?? 0)),
          );
        }
        console.error(`overlap ${overlap}, noise ${noise}, d_sae ${dSae}`);
      }
    }
  }
  const share = (a, b) => (b === 0 ? '–' : (a / b).toFixed(3));
  print(
    [
      ...['overlap', 'd_sae', 'families', 'precision', 'that SAEs have', 'precision'],
      ...['of no feature', 'members of another'],
      ...['to be found', 'recall', 'proven'],
    ],
    Array.from(
      tallies,
      ([key, [families, right, had, hadRight, ofNone, all, astray, wanted, found, components, proven]]) => [
        ...key.split(','),
        families,
        share(right, families),
        had,
        share(hadRight, had),
        ofNone,
        share(astray, all),
        wanted,
        share(found, wanted),
        `${proven} of ${components}`,
      ],
    ),
  );
}

/** An SAE of these unit rows, each off by noise. */
function madeOf(dictionary, chosen, noise, rng) {
  const decoder = zeros(chosen.length, dictionary.cols);
  const scale = noise / Math.sqrt(dictionary.cols);
  chosen.forEach((feature, i) => {
    row(dictionary, feature).forEach((value, t) => {
      decoder.data[i * dictionary.cols + t] = value + scale * rng.normal();
    });
  });
  return { decoder, encoder: decoder, activation: { kind: 'relu' } };
}

async function nothing() {
  const lines = [];
  for (const [dModel, dSae, cosine, worlds] of [
    [8, 64, 0.51, 100],
    [8, 64, 0.7, 100],
    [16, 128, 0.51, 60],
    [16, 128, 0.7, 60],
  ]) {
    for (const n of [3, 9]) {
      let [having, all] = [0, 0];
      for (let world = 0; world < worlds; world++) {
        const plan = {
          features: dSae,
          dModel,
          rows: 1,
          active: 1,
          firing: 'exactly',
          zipf: 0,
          noise: 0,
          overlap: 0,
          seed: world,
        };
        const every = Array.from({ length: dSae }, (_, i) => i);
        const saes = Array.from({ length: n }, (_, s) =>
          madeOf(plantedDictionary(plan, s), every, 0, new Rng(world, 'nothing', s)),
        );
        const { families } = await grouped(saes, cosine);
        if (families.length > 0) having++;
        all += families.length;
      }
      const possible = worlds * Math.floor((n * dSae) / 2);
      lines.push([
        dModel,
        dSae,
        n,
        cosine,
        worlds,
        `${having} (${((100 * having) / worlds).toFixed(1)} %)`,
        `${((100 * all) / possible).toFixed(4)} %`,
      ]);
    }
  }
  print(
    ['d', 'F', 'SAEs', '\\|cosine\\|', 'worlds', 'with a family', 'families, of all that there could be'],
    lines,
  );
}

async function unseen() {
  const [dModel, shared, dSae, worlds] = [48, 100, 120, 100];
  const laws = {
    0.3: () => 0.3,
    0.6: () => 0.6,
    0.9: () => 0.9,
    'evenly from 0 to 1': (rng) => rng.uniform(),
    'half 1, half 0.4': (rng) => (rng.uniform() < 0.5 ? 1 : 0.4),
    'half 0.9, half 0.4': (rng) => (rng.uniform() < 0.5 ? 0.9 : 0.4),
  };
  const lines = [];
  for (const [law, draw] of Object.entries(laws)) {
    for (const n of [3, 5, 9]) {
      const tally = { held: 0, new: 0, truth: 0, value: 0, width: 0, ends: 0, none: 0 };
      for (let world = 0; world < worlds; world++) {
        const rng = new Rng(world, 'unseen', law);
        const plan = {
          features: shared + dSae,
          dModel,
          rows: 1,
          active: 1,
          firing: 'exactly',
          zipf: 0,
          noise: 0,
          overlap: shared / (shared + dSae),
          seed: world,
        };
        const pi = Array.from({ length: shared }, () => draw(rng));
        const has = Array.from({ length: n + 1 }, () => pi.map((p) => rng.uniform() < p));
        const saes = Array.from({ length: n }, (_, s) => {
          const chosen = has[s].flatMap((there, f) => (there ? [f] : []));
          const own = Array.from({ length: dSae - chosen.length }, (__, f) => shared + f);
          return madeOf(plantedDictionary(plan, s), [...chosen, ...own], 0.3, rng);
        });
        const found = returningFeatures(supportsOf(await grouped(saes)));
        const support = pi.map((_, f) => has.slice(0, n).filter((one) => one[f]).length);
        const truth = support.filter((count) => count < 2).length;
        const added = support.filter((count, f) => count === 1 && has[n][f]).length;
        if (!found) {
          tally.none++;
          continue;
        }
        const holds = (value, { low, high = Number.POSITIVE_INFINITY }) => value >= low && value <= high;
        if (holds(truth, found.unseen)) tally.held++;
        if (holds(added, found.oneMore)) tally.new++;
        tally.truth += truth / worlds;
        tally.value += found.unseen.value / worlds;
        if (found.unseen.high !== undefined) tally.ends++;
        // Where some have no upper end, it counts as 10,000.
        tally.width += (Math.min(found.unseen.high ?? 1e4, 1e4) - found.unseen.low) / worlds;
      }
      lines.push([
        law,
        n,
        tally.truth.toFixed(1),
        tally.value.toFixed(1),
        tally.ends === 0 ? 'no upper end' : tally.width.toFixed(0),
        `${tally.held} of ${worlds}`,
        `${tally.new} of ${worlds}`,
      ]);
    }
  }
  print(
    [
      'found with probability',
      'SAEs',
      'unseen',
      'estimate',
      'width of its interval',
      'within',
      'one more SAE within',
    ],
    lines,
  );
}
