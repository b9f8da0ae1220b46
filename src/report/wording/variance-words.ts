// What init and order explain of a disagreement, in words.
import type { MetricId } from '../../metrics/registry.js';
import type { Component, CrossedKind, Share, VarianceComponents } from '../../stats/variance-components.js';
import { capitalise, percent, score } from '../number-format.js';
import { metricWords } from './metric-terms.js';

/** For legends and narrow columns. */
export const componentWords: Record<Component, string> = {
  init: 'explained by init',
  order: 'explained by order',
  either: 'there as soon as either changes',
};

export const kindWords: Record<CrossedKind, string> = {
  init: 'differ in init alone',
  order: 'differ in order alone',
  both: 'differ in both',
};

/** Two sentences on one score: what each seed explains, and how far pairs disagree. */
export function describeVariance(metric: MetricId, { kinds, shares }: VarianceComponents): string {
  const { init, order, both } = kinds;
  const largest = (['init', 'order', 'either'] as const).reduce((a, b) =>
    shares[b].value > shares[a].value ? b : a,
  );
  return (
    `By the ${metricWords[metric].name}, init explains ${withInterval(shares.init)} of the disagreement and order ` +
    `${withInterval(shares.order)}; ${withInterval(shares.either)} is there as soon as either changes. SAEs that differ in order alone ` +
    `disagree by ${score(order.disagreement)}, in init alone by ${score(init.disagreement)}, in both by ` +
    `${score(both.disagreement)} (1 − score). ${capitalise(meaning[largest])}`
  );
}

const meaning: Record<Component, string> = {
  init: 'most of it goes away when SAEs start from the same weights.',
  order: 'most of it goes away when SAEs see the data in the same order.',
  either: 'keeping one of the two the same does little for agreement as long as the other changes.',
};

function withInterval({ value, interval }: Share): string {
  const range = interval ? ` (95% interval ${shareText(interval.low)} to ${shareText(interval.high)})` : '';
  return `${shareText(value)}${range}`;
}

/** A share that can lie below 0: "8.3%", "−0.2%". */
export function shareText(share: number): string {
  return percent(share).replace('-', '−');
}
