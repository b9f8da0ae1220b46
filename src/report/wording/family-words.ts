// What is said of families of features: how many there are, what one more SAE would add, and what the rest is.
import type { ConsensusResult, NoDictionary, RestKind } from '../../results/consensus-result.js';
import type { FamiliesResult, GrowthResult } from '../../results/families-result.js';
import { count, percent, plain, plural, score } from '../number-format.js';

const byWords = {
  directions: 'decoder directions',
  codes: 'codes',
  both: 'decoder directions and codes',
} as const;

export function byWord(by: FamiliesResult['by']): string {
  return byWords[by];
}

export function familyCount({ supports }: FamiliesResult): number {
  return supports.slice(2).reduce((sum, families) => sum + families, 0);
}

/** "1,638 families: 1,200 in all 3 SAEs, 438 in 2. 7,374 features are in none." */
export function describeFamilies(families: FamiliesResult): string {
  const { supports, dropped, copies = [] } = families;
  const n = supports.length - 1;
  const all = familyCount(families);
  const alone = `${plural(supports[1], 'feature is', 'features are')} in none.`;
  if (all === 0) return `No family: no features of two SAEs are the same beyond accident. ${alone}`;
  const by = supports
    .map((number, support) => ({ number, support }))
    .slice(2)
    .reverse()
    .filter(({ number }) => number > 0)
    .map(({ number, support }) => `${count(number)} in ${support === n ? everySae(n) : support}`);
  const lost =
    dropped === 0
      ? ''
      : ` ${plural(dropped, 'group')} more could be by accident, and ${dropped === 1 ? 'was' : 'were'} dropped.`;
  const twice = copies.map(
    ([a, b]) =>
      ` ${a} and ${b} have the same features: leave one of them out, since they are counted as two.`,
  );
  return `${plural(all, 'family', 'families')}: ${by.join(', ')}. ${alone}${lost}${twice.join('')}`;
}

function everySae(n: number): string {
  return n === 2 ? 'both SAEs' : `all ${n} SAEs`;
}

/** How far the grouping is from the best one. */
export function describeOptimum({
  optimum: { value, upperBound, components, proven },
}: FamiliesResult): string {
  if (components === 0) return '';
  if (proven === components) return 'No other grouping has more agreement within families: that is proven.';
  const gap = value === 0 ? 0 : (upperBound - value) / upperBound;
  return (
    `The grouping is proven the best for ${count(proven)} of the ${count(components)} parts that it falls into, and ` +
    `has at least ${percent(1 - gap)} of the agreement that any grouping could have.`
  );
}

/** What was seen of all that comes back, and what one more SAE would add. */
export function describeGrowth(growth: GrowthResult, saes: number): string {
  const { seen, oneMore, unseen } = growth;
  if (unseen.high === undefined && saes === 3) {
    return (
      'How many features come back that are in no family yet three SAEs cannot tell: ' +
      `at least ${count(Math.round(unseen.low))}, about ${count(Math.round(unseen.value))} if none is found by every SAE, more if some are. ` +
      `One more SAE would add about ${bounded(oneMore)} families.`
    );
  }
  return (
    `With ${saes} SAEs you have seen about ${percent(seen.value)} of the features that come back at all ` +
    `(95% interval ${percent(seen.low)} to ${percent(seen.high ?? 1)}): ${bounded(unseen)} more come back and are in no family yet. ` +
    `One more SAE would add about ${bounded(oneMore)} families.`
  );
}

function bounded({ value, low, high }: GrowthResult['unseen']): string {
  const whole = (x: number) => count(Math.round(x));
  return `${whole(value)} (${whole(low)} to ${high === undefined ? 'any number' : whole(high)})`;
}

export const restWords: Record<
  RestKind,
  { readonly name: string; readonly meaning: string; readonly chance: string }
> = {
  dead: { name: 'dead', meaning: 'fire on no row of the activations', chance: 'of those with a family' },
  'at-start': {
    name: 'where they began',
    meaning: 'have a |cosine| of 0.9 or more with their row before training',
    chance: 'of those with a family',
  },
  rare: {
    name: 'rare',
    meaning: 'fire less often than 95% of the features with a family',
    chance: 'by chance',
  },
  composed: {
    name: 'composed',
    meaning:
      'three families make up more of their direction than of 95% of random directions that crowd like them',
    chance: 'by chance',
  },
  rotating: {
    name: 'in a shared subspace',
    meaning:
      'lie more than 95% of the features with a family in the subspace that the features without one of the other SAEs use most',
    chance: 'by chance',
  },
};

/** What the features without a family are, in a sentence. */
export function describeRest({ rest }: Pick<ConsensusResult, 'rest'>): string {
  const { features, without, shares, inSubspace } = rest;
  if (without === 0) return 'Every feature has a family.';
  const told = shares.map(
    ({ kind, share, chance }) =>
      `${percent(share)} ${restWords[kind].name} (${percent(chance)} ${restWords[kind].chance})`,
  );
  const subspace = inSubspace
    ? ` On average ${score(inSubspace.rest)} of a direction lies in the ${inSubspace.dimensions} dimensions that the rest of the other ` +
      `SAEs uses most; of features with a family ${score(inSubspace.families)}, of directions anywhere ${score(inSubspace.sphere)}.`
    : '';
  const of = told.length > 0 ? `: ${told.join(', ')}` : '';
  return `${count(without)} of ${count(features)} features (${percent(without / features)}) have no family${of}.${subspace}`;
}

export function describeDictionary({ dictionary, families, noDictionary }: ConsensusResult): string {
  if (!dictionary) return `No dictionary was written: ${noDictionaryWords[noDictionary ?? 'no-families']}.`;
  const { features, support, k, refitted, kept } = dictionary;
  const n = families.supports.length - 1;
  const made = refitted
    ? 'averaged directions, encoder and biases fitted to the activations'
    : 'averaged directions and encoders';
  const about = `${plural(features, 'feature')}, the families in ${support === n ? everySae(n) : `at least ${support} SAEs`}; TopK ${k}; ${made}.`;
  if (!kept) return about;
  const { dictionary: own, cuts } = kept;
  const best = Object.values(cuts).reduce<number | undefined>(
    (most, one) =>
      one && (most === undefined || one.explainedVariance > most) ? one.explainedVariance : most,
    undefined,
  );
  const beside = best === undefined ? '' : `; the best SAE cut to as many features explains ${score(best)}`;
  return `${about} It explains ${score(own.explainedVariance)} of the variance of ${count(kept.rows.heldOut)} held-out rows with ${plain(own.l0)} features a row${beside}.`;
}

export const noDictionaryWords: Record<NoDictionary, string> = {
  'no-families': 'no family is in so many SAEs',
  'sparsity-unknown':
    'how many features are active on a row is not known of these architectures; activations tell it, or --k',
  transcoders: 'the SAEs write elsewhere than they read, or in several places',
  'inputs-differ': 'the SAEs normalise their input in different ways, or by numbers of their own',
  'unknown-codes': 'how some of the SAEs encode is not known, or depends on a router',
};
