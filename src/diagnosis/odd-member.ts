// The one SAE of a group that agrees far less with the others than these do with each other, if there is one.
//
// For each SAE: the mean over pairs without it less the mean over its own pairs. That has to be 15 % of the way from chance to full
// agreement, and three times what pairs of one kind scatter. Copies, and SAEs that do not fit the activations, have findings of
// their own, and SAEs of other widths agree differently for other reasons.

import { areDependent } from '../evidence/dependent-pairs.js';
import { type Evidence, usable } from '../evidence/evidence.js';
import type { MeasuredMetric } from '../metrics/measured.js';
import { mean, sampleSd } from '../stats/summary.js';
import { misfits } from './checks/misfit.js';

/** On the scale from chance to full agreement: runs that are alike can differ by a tenth. */
const far = 0.15;

/** SDs of the pairs with it, and of those without. */
const clear = 3;

export interface OddMember {
  readonly id: string;
  readonly score: MeasuredMetric;
  /** Mean over its own pairs, and over the pairs without it. */
  readonly own: number;
  readonly others: number;
}

export function oddMember(evidence: Evidence): OddMember | undefined {
  const { metrics } = evidence;
  const members = usable(evidence.members);
  const alike = new Set(members.map(({ features }) => features)).size === 1;
  if (members.length < 3 || !alike || misfits(evidence).length > 0) return undefined;
  const scores = [metrics['activation.max.live'], metrics['decoder.max.live'] ?? metrics['decoder.max']];
  const odd = scores.flatMap((score) =>
    score?.null && score.pairs.every(({ a, b }) => !areDependent(evidence, a, b))
      ? members.flatMap(({ id }) => standsApart(score, score.null?.mean ?? 1, id) ?? [])
      : [],
  );
  const distance = ({ score, own, others }: OddMember) => (others - own) / (1 - (score.null?.mean ?? 0));
  return odd.sort((a, b) => distance(b) - distance(a))[0];
}

/** The one whose pairs a verdict leaves out: three others at least, so that an interval is left to hold against the null. */
export function memberLeftOut(evidence: Evidence): string | undefined {
  return usable(evidence.members).length > 3 ? oddMember(evidence)?.id : undefined;
}

function standsApart(score: MeasuredMetric, chance: number, id: string): OddMember | undefined {
  const has = ({ a, b }: { readonly a: string; readonly b: string }) => a === id || b === id;
  const own = score.pairs.filter(has).map(({ value }) => value);
  const rest = score.pairs.filter((pair) => !has(pair)).map(({ value }) => value);
  if (own.length === 0 || rest.length === 0) return undefined;
  const scatter = (values: readonly number[]) => (values.length > 1 ? sampleSd(values) : 0);
  const [mine, others] = [mean(own), mean(rest)];
  const gap = others - mine;
  if (gap < far * (1 - chance) || gap < clear * Math.max(scatter(own), scatter(rest))) return undefined;
  return { id, score, own: mine, others };
}
