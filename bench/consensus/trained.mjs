// Families of SAEs that were trained on planted worlds (src/activations/planted.ts): each on a world of its own, of which a given
// share of the features is in all worlds.
//
// An SAE has a true feature where a decoder row has a cosine of at least 0.9 with it.
// right               families whose mean direction has a cosine of at least 0.9 with a shared feature, one family for each.
// members of another  members of right families that are nearer to another true feature: one that an SAE has merged with this one, mostly.
// that SAEs have      families of which two members or more have a |cosine| of 0.9 or more with a true feature of their world, shared or not.
// of no feature       families whose members have no shared feature in common, with a |cosine| of 0.5 or more each.
// to be found         shared features that two SAEs or more have; found where one family holds the features of all SAEs that have it.
import { plantedWorld } from '../../dist/activations/planted.js';
import { meanDirections } from '../../dist/features/families/mean-direction.js';
import { row, rowNorms } from '../../dist/tensor/matrix.js';
import { train } from '../../dist/training/loop.js';
import { plain } from '../../dist/training/recipes/plain.js';
import { saeOf } from '../../dist/training/sae-in-training.js';
import { startState } from '../../dist/training/state.js';
import { asMembers, grouped } from './worlds.mjs';

const world = { features: 64, dModel: 48, rows: 3000, active: 3, firing: 'exactly', zipf: 0.5, seed: 7 };

/** From this cosine on a direction is a true feature. */
const near = 0.9;

export async function trained(kernel, overlaps) {
  const sums = new Map();
  for (const overlap of overlaps) {
    for (const noise of [0.05, 0.3]) {
      for (const dSae of [32, 64, 128]) {
        const all = await trainedSaes(kernel, { ...world, overlap, noise }, dSae);
        const key = `${100 * overlap} %,${dSae}`;
        for (const n of [3, 5, 9]) {
          const before = sums.get(key);
          const counts = await countsOf(kernel, all.slice(0, n));
          sums.set(key, before ? added(before, counts) : counts);
        }
        console.error(`overlap ${overlap}, noise ${noise}, d_sae ${dSae}`);
      }
    }
  }
  const head = ['overlap', 'd_sae', 'families', 'precision', 'that SAEs have', 'precision'];
  return {
    head: [...head, 'of no feature', 'members of another', 'to be found', 'recall', 'proven'],
    rows: Array.from(sums, ([key, counts]) => [...key.split(','), ...cellsOf(counts)]),
  };
}

const added = (a, b) => Object.fromEntries(Object.entries(a).map(([name, count]) => [name, count + b[name]]));

function cellsOf(sum) {
  const share = (a, b) => (b === 0 ? '–' : (a / b).toFixed(3));
  return [
    ...[sum.families, share(sum.right, sum.families), sum.had, share(sum.hadRight, sum.had)],
    ...[sum.ofNone, share(sum.astray, sum.members), sum.wanted, share(sum.found, sum.wanted)],
    `${sum.proven} of ${sum.components}`,
  ];
}

/** Nine SAEs, each with its world and `seen`, its rows against the true features. Where all is shared, there is one world. */
async function trainedSaes(kernel, plan, dSae) {
  const all = [];
  for (let s = 0; s < 9; s++) {
    const { x, shared, dictionary } = plantedWorld(plan, plan.overlap === 1 ? 0 : s);
    const state = startState(plain.init(s, plan.dModel, dSae));
    const settings = { architecture: 'topk', dSae, k: plan.active };
    await train(
      x,
      [{ id: 's', orderSeed: s, state }],
      { sae: settings, recipe: plain, epochs: 20, batchSize: 64, learningRate: 3e-3 },
      kernel,
    );
    const sae = saeOf({ adam: state.adam, losses: [] }, { sae: settings, recipe: plain });
    all.push({ sae, shared, dictionary, seen: against(sae.decoder, dictionary) });
  }
  return all;
}

/** What is counted of the families of these SAEs; the head of the file has what each is. */
async function countsOf(kernel, all) {
  const saes = all.map(({ sae }) => sae);
  const { families, optimum } = await grouped(kernel, saes);
  const truthOf = truths(families, all);
  const nearest = ({ sae, feature }) => all[sae].seen.nearest[feature];
  const isTrue = ({ sae, feature }) => all[sae].seen.size[feature] >= near;
  const members = families.flatMap((family) => family.members);
  const had = families.filter((family) => family.members.filter(isTrue).length >= 2);
  const astray = [...truthOf].flatMap(([family, f]) => family.members.filter((one) => nearest(one) !== f));
  return {
    families: families.length,
    right: truthOf.size,
    had: had.length,
    hadRight: had.filter((family) => truthOf.has(family)).length,
    ofNone: families.filter((family) => isOfNone(family, all)).length,
    members: members.length,
    astray: astray.length,
    ...recall(families, all),
    components: optimum.components,
    proven: optimum.proven,
  };
}

/** The shared feature of each right family: each feature counts once, with the family whose mean direction is nearest to it. */
function truths(families, all) {
  const [{ shared, dictionary }] = all;
  const means = meanDirections(asMembers(all.map(({ sae }) => sae)), families);
  const { place, best } = against(means, dictionary);
  const truthOf = new Map();
  for (let f = 0; f < shared; f++) if (best[f] >= near) truthOf.set(families[place[f]], f);
  return truthOf;
}

function isOfNone({ members }, all) {
  const [{ shared }] = all;
  const cosines = members.map(({ sae, feature }) => {
    const { decoder } = all[sae].sae;
    return cosinesWith(row(decoder, feature), all[sae].dictionary);
  });
  return !cosines[0].some((_, f) => f < shared && cosines.every((of) => Math.abs(of[f]) >= 0.5));
}

function recall(families, all) {
  const [{ shared }] = all;
  let [wanted, found] = [0, 0];
  for (let f = 0; f < shared; f++) {
    const having = all.flatMap(({ seen }, s) => (seen.best[f] >= near ? [s] : []));
    if (having.length < 2) continue;
    wanted++;
    const holds = ({ members }, s) =>
      members.some(({ sae, feature }) => sae === s && all[s].seen.nearest[feature] === f);
    if (families.some((family) => having.every((s) => holds(family, s)))) found++;
  }
  return { wanted, found };
}

/**
 * Of each row the true feature with the largest |cosine|, `nearest`, and that, `size`; of each true feature the largest cosine of a
 * row, `best`, and which that is, `place`.
 */
function against(rows, dictionary) {
  const norms = rowNorms(rows);
  const nearest = new Int32Array(norms.length).fill(-1);
  const size = new Float64Array(norms.length);
  const best = new Float64Array(dictionary.rows);
  const place = new Int32Array(dictionary.rows).fill(-1);
  norms.forEach((norm, i) => {
    if (norm === 0) return;
    for (let f = 0; f < dictionary.rows; f++) {
      let cosine = 0;
      const [a, b] = [row(rows, i), row(dictionary, f)];
      for (let t = 0; t < a.length; t++) cosine += a[t] * b[t];
      cosine /= norm;
      if (Math.abs(cosine) > size[i]) [size[i], nearest[i]] = [Math.abs(cosine), f];
      if (cosine > best[f]) [best[f], place[f]] = [cosine, i];
    }
  });
  return { nearest, size, best, place };
}

function cosinesWith(own, dictionary) {
  const norm = Math.hypot(...own);
  return Array.from({ length: dictionary.rows }, (_, f) =>
    row(dictionary, f).reduce((sum, value, t) => sum + (value * own[t]) / norm, 0),
  );
}
