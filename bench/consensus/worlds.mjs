// What the tables of `npm run consensus-worlds` have in common: worlds of directions, SAEs made of them, and their families.
import { byDirections } from '../../dist/features/families/by-directions.js';
import { familiesOf } from '../../dist/features/families/families.js';
import { row, zeros } from '../../dist/tensor/matrix.js';

/** The plan of worlds of which only the directions are asked for; the first `shared` are in all of them. */
export const directionsOnly = ({ shared, own, dModel, seed }) => ({
  ...{ features: shared + own, dModel, overlap: shared / (shared + own), seed },
  ...{ rows: 1, active: 1, firing: 'exactly', zipf: 0, noise: 0 },
});

/** An SAE whose decoder rows are the chosen ones of these unit rows, each off by noise. */
export function madeOf(dictionary, chosen, noise, rng) {
  const decoder = zeros(chosen.length, dictionary.cols);
  const scale = noise / Math.sqrt(dictionary.cols);
  chosen.forEach((feature, i) => {
    row(dictionary, feature).forEach((value, t) => {
      decoder.data[i * dictionary.cols + t] = value + scale * rng.normal();
    });
  });
  return { decoder, encoder: decoder, activation: { kind: 'relu' } };
}

/** The features of an SAE that has some of the shared ones: those, and its own until there are so many. */
export function withOwn(known, shared, dSae) {
  return [...known, ...Array.from({ length: dSae - known.length }, (_, f) => shared + f)];
}

export const asMembers = (saes) => saes.map((sae, s) => ({ id: `sae-${s}`, sae }));

/** @param cosine from which two features are the same; by default that of the command */
export async function grouped(kernel, saes, cosine) {
  const members = asMembers(saes);
  return familiesOf(
    members.map(({ id }) => id),
    byDirections(members, kernel),
    cosine === undefined ? {} : { cosine },
  );
}
