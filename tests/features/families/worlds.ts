// SAEs made of a planted world: each has some of its true features, off by noise, in an order of its own, and others of its own.
import { plantedDictionary } from '../../../src/activations/planted.js';
import type { Member } from '../../../src/sae/member.js';
import { Rng, row, zeros } from '../../../src/tensor/index.js';
import { member } from '../../metrics/fixture.js';

export interface WorldOfSaes {
  readonly saes: number;
  readonly dModel: number;
  /** True features that the worlds of all SAEs share. */
  readonly shared: number;
  /** Features of each SAE; those that are no shared one are its own. */
  readonly dSae: number;
  /** Chance of an SAE to have each of the shared ones. */
  readonly found?: number;
  /** Length of what is off, of a direction of length 1. */
  readonly noise?: number;
  readonly seed?: number;
}

export interface MadeSaes {
  readonly members: Member[];
  /** [SAE][feature] the shared feature that it is, −1 for its own */
  readonly truth: readonly Int32Array[];
}

export function madeSaes({
  saes,
  dModel,
  shared,
  dSae,
  found = 1,
  noise = 0.2,
  seed = 0,
}: WorldOfSaes): MadeSaes {
  const plan = {
    features: shared + dSae,
    dModel,
    rows: 1,
    active: 1,
    firing: 'exactly',
    zipf: 0,
    noise: 0,
    overlap: shared / (shared + dSae),
    seed,
  } as const;
  const truth: Int32Array[] = [];
  const members = Array.from({ length: saes }, (_, s) => {
    const rng = new Rng(seed, 'made', s);
    const dictionary = plantedDictionary(plan, s);
    const has = Array.from({ length: shared }, (_, f) => f).filter(() => rng.uniform() < found);
    const chosen = has.slice(0, dSae);
    const own = Array.from({ length: dSae - chosen.length }, (_, f) => shared + f);
    const order = rng.permutation(dSae);
    const features = [...chosen, ...own];
    const decoder = zeros(dSae, dModel);
    const of = new Int32Array(dSae).fill(-1);
    features.forEach((feature, at) => {
      const to = row(decoder, order[at]);
      const from = row(dictionary, feature);
      const scale = noise / Math.sqrt(dModel);
      for (let t = 0; t < dModel; t++) to[t] = from[t] + scale * rng.normal();
      if (feature < shared) of[order[at]] = feature;
    });
    truth.push(of);
    return member(`sae-${s}`, decoder);
  });
  return { members, truth };
}
