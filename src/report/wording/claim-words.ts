// What the verdict on a claim rests on, and what a run that was shortened took, in words.
import type { ClaimResult, GroupResult, Results, Shortened } from '../../results/results.js';
import { list, plain } from '../number-format.js';
import { describeFinding } from '../wording.js';
import { metricWords } from './metric-terms.js';

/** Undefined where the number says it all. */
export function describeClaim(claim: ClaimResult, groups: Results['groups']): string | undefined {
  const { bound, measured, refutedBy = [], shortened } = claim;
  const group = groups.find(({ id }) => id === claim.group);
  const sentences = [
    ...(bound && typeof measured === 'number' ? [boundText(bound, measured)] : []),
    ...(shortened
      ? ['This run trained less than the study asks for, so another number was to be expected.']
      : summaries(group, refutedBy)),
  ];
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

function summaries(group: GroupResult | undefined, ids: readonly string[]): string[] {
  if (!group) return [];
  return group.findings
    .filter(({ id }) => ids.includes(id))
    .map((finding) => describeFinding(finding, group).summary);
}

const statisticWords: Readonly<Record<string, string>> = {
  corrected: 'corrected for chance',
  null: 'by chance',
  sd: 'standard deviation',
  min: 'lowest',
  max: 'highest',
  sum: 'in all',
};

/** Names for fields of an SAE; others are called by their path. */
const fieldWords: Readonly<Record<string, string>> = {
  'usage.deadByFiring': 'The number of features that never fire',
  'usage.deadByNorm': 'The number of features with a vanishing decoder row',
  'numerics.zeroFeatures': 'The number of features that are zero',
  'fit.l0': 'The number of active features per row',
};

/** The number that a claim in words rests on, and the bound that it would have to keep. */
function boundText(
  { of, statistic, atLeast, atMost }: NonNullable<ClaimResult['bound']>,
  measured: number,
): string {
  const name =
    of in metricWords ? `The ${metricWords[of as keyof typeof metricWords].name}` : (fieldWords[of] ?? of);
  const which = statistic in statisticWords ? `, ${statisticWords[statistic]},` : '';
  const bounds = [
    ...(atLeast === undefined ? [] : [`at least ${plain(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${plain(atMost)}`]),
  ];
  return `${name}${which} is ${plain(measured)}; the claim needs ${list(bounds)}.`;
}

/** "It took 2 of 50 epochs and 2 of 10 draws per null." */
export function describeShortened({ draws, ...lengths }: Shortened): string {
  const taken = (['epochs', 'steps'] as const).flatMap((unit) => {
    const length = lengths[unit];
    return length ? [`${between(length.taken)} of ${between(length.asked)} ${unit}`] : [];
  });
  return `It took ${taken.join(', ')} and ${draws.taken} of ${draws.asked} draws per null.`;
}

function between({ low, high }: { readonly low: number; readonly high: number }): string {
  return low === high ? String(low) : `${low}–${high}`;
}
