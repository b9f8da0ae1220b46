// Which features come back, by how often they fire: features in decades of their firing rate.
import type { FeatureStability } from './feature-stability.js';

/** Features of one range of firing rates, over all SAEs of a group. */
export interface FiringBand {
  /** Firing rates from this on, a power of ten; 0 for features that never fire. */
  readonly from: number;
  readonly features: number;
  /** Of these, how many have a significant match in every other SAE. */
  readonly inEvery: number;
  /** And a |cosine| of at least 0.7 in every other SAE. */
  readonly inEvery07: number;
}

/** Rarer ones go with these: of 10⁵ rows they fire on a few. */
const rarest = -4;

/** Bands in which there are features, the rarest first; undefined where not all firing rates are known. */
export function byFiring({ summaries, matches }: FeatureStability): readonly FiringBand[] | undefined {
  const bands = new Map<number, { features: number; inEvery: number; inEvery07: number }>();
  for (const { sae, firingRate, stability, stability07 } of summaries) {
    if (!firingRate) return undefined;
    for (const feature of matches.find((match) => match.sae === sae)?.features ?? []) {
      const from = bandOf(firingRate[feature]);
      const band = bands.get(from) ?? { features: 0, inEvery: 0, inEvery07: 0 };
      band.features++;
      if (stability[feature] === 1) band.inEvery++;
      if (stability07[feature] === 1) band.inEvery07++;
      bands.set(from, band);
    }
  }
  return Array.from(bands, ([from, band]) => ({ from, ...band })).sort((a, b) => a.from - b.from);
}

/** The power of ten below a rate, without what rounding makes of 0.001. */
function bandOf(rate: number): number {
  if (rate === 0) return 0;
  return Number(`1e${Math.max(rarest, Math.min(-1, Math.floor(Math.log10(rate) + 1e-9)))}`);
}
