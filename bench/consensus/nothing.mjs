// Families of worlds without a shared feature: how many have one, and how many there are of as many as there could be.
import { plantedDictionary } from '../../dist/activations/planted.js';
import { Rng } from '../../dist/tensor/rng.js';
import { directionsOnly, grouped, madeOf } from './worlds.mjs';

/** d, F, the |cosine| from which features are the same, and how many worlds are drawn. */
const cases = [
  [8, 64, 0.51, 100],
  [8, 64, 0.7, 100],
  [16, 128, 0.51, 60],
  [16, 128, 0.7, 60],
];

export async function nothing(kernel) {
  const rows = [];
  for (const [dModel, dSae, cosine, worlds] of cases) {
    for (const n of [3, 9]) {
      let [having, all] = [0, 0];
      for (let world = 0; world < worlds; world++) {
        const { families } = await grouped(kernel, saesOfNothing(dModel, dSae, n, world), cosine);
        if (families.length > 0) having++;
        all += families.length;
      }
      const possible = worlds * Math.floor((n * dSae) / 2);
      rows.push([
        ...[dModel, dSae, n, cosine, worlds],
        `${having} (${((100 * having) / worlds).toFixed(1)} %)`,
        `${((100 * all) / possible).toFixed(4)} %`,
      ]);
    }
  }
  const found = ['with a family', 'families, of all that there could be'];
  return { head: ['d', 'F', 'SAEs', '\\|cosine\\|', 'worlds', ...found], rows };
}

function saesOfNothing(dModel, dSae, n, world) {
  const plan = directionsOnly({ shared: 0, own: dSae, dModel, seed: world });
  const every = Array.from({ length: dSae }, (_, i) => i);
  return Array.from({ length: n }, (_, s) =>
    madeOf(plantedDictionary(plan, s), every, 0, new Rng(world, 'nothing', s)),
  );
}
