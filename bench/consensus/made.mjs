// Families of SAEs whose decoder rows are four fifths of the shared features, off by noise, and others of their own.
//
// A family is right where all its members are the same shared feature. A shared feature that two SAEs or more have is recovered
// where a right family is of it, and whole where all SAEs that have it are in one such family.
import { plantedDictionary } from '../../dist/activations/planted.js';
import { Rng } from '../../dist/tensor/rng.js';
import { directionsOnly, grouped, madeOf, withOwn } from './worlds.mjs';

const [dModel, dSae, worlds] = [64, 200, 5];

export async function made(kernel, overlaps) {
  const rows = [];
  for (const overlap of overlaps) {
    for (const noise of [0.1, 0.3, 0.5]) {
      for (const n of [3, 5, 9]) {
        const sum = { families: 0, right: 0, wanted: 0, recovered: 0, whole: 0 };
        for (let world = 0; world < worlds; world++) {
          const known = knownSaes(overlap, noise, n, world);
          const counts = countsOf((await grouped(kernel, known.saes)).families, known);
          for (const name of Object.keys(sum)) sum[name] += counts[name];
        }
        const shares = [sum.right / sum.families, sum.recovered / sum.wanted, sum.whole / sum.wanted];
        const cells = shares.map((share) => share.toFixed(3));
        rows.push([`${100 * overlap} %`, noise, n, sum.families, ...cells]);
      }
    }
  }
  return { head: ['overlap', 'noise', 'SAEs', 'families', 'precision', 'recall', 'whole'], rows };
}

/** SAEs of one world; `has` [SAE][shared feature], `features` [SAE][row] the true feature that a row is. */
function knownSaes(overlap, noise, n, world) {
  const shared = Math.round(overlap * dSae);
  const plan = directionsOnly({ shared, own: dSae, dModel, seed: world });
  const rng = new Rng(world, 'made', String(overlap), String(noise), n);
  const has = Array.from({ length: n }, () => Array.from({ length: shared }, () => rng.uniform() < 0.8));
  const features = has.map((there) => {
    const known = there.flatMap((one, f) => (one ? [f] : []));
    return withOwn(known, shared, dSae);
  });
  const saes = features.map((chosen, s) => madeOf(plantedDictionary(plan, s), chosen, noise, rng));
  return { saes, shared, has, features };
}

function countsOf(families, { shared, has, features }) {
  const truths = families.map(
    ({ members }) => new Set(members.map(({ sae, feature }) => features[sae][feature])),
  );
  const isRight = truths.map((truth) => truth.size === 1 && [...truth][0] < shared);
  let [wanted, recovered, whole] = [0, 0, 0];
  for (let f = 0; f < shared; f++) {
    const having = has.filter((there) => there[f]).length;
    if (having < 2) continue;
    wanted++;
    const own = families.filter((_, at) => isRight[at] && truths[at].has(f));
    if (own.length > 0) recovered++;
    if (own.some(({ members }) => members.length === having)) whole++;
  }
  return { families: families.length, right: isRight.filter(Boolean).length, wanted, recovered, whole };
}
