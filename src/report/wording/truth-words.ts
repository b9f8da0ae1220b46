// What a group recovered of a planted truth, and how well scores give back a known overlap, in words.
import type { MetricId } from '../../metrics/registry.js';
import type { TruthResult } from '../../results/truth-result.js';
import type { Calibration } from '../../stats/calibration.js';
import { list, percent, range, score } from '../number-format.js';
import { metricWords } from './metric-terms.js';

/** Two sentences: what each SAE recovered of its own world, and what pairs have in common. */
export function describeTruth({ overlap, saes, both09 }: TruthResult): string {
  const of = (key: 'match' | 'recovered09', format: (value: number) => string) =>
    range(Math.min(...saes.map((s) => s[key])), Math.max(...saes.map((s) => s[key])), format);
  const common =
    both09 === undefined ? '' : ` Pairs of SAEs have truly found ${percent(both09)} of it in common.`;
  return (
    `The worlds share ${percent(overlap)} of their features. Each SAE recovered ${of('recovered09', percent)} of its ` +
    `world’s features at a cosine of 0.9 or more (one-to-one cosine with the truth ${of('match', score)}).${common}`
  );
}

/** How well each score, corrected for chance, gives back the planted overlap; the best one first. */
export function describeRecovery(scores: readonly (readonly [MetricId, Calibration])[]): string {
  if (scores.length === 0) return '';
  const [[metric, best], ...others] = scores;
  const fail = scores.filter(([, { rises }]) => rises === false).map(([id]) => metricWords[id].name);
  const last = others.at(-1);
  return [
    `The ${metricWords[metric].name} gives the planted overlap back best: it is off by ${score(best.error)} ` +
      `(root mean square), ${leaning(best.bias)}.`,
    ...(last ? [`The ${metricWords[last[0]].name} is off most, by ${score(last[1].error)}.`] : []),
    fail.length === 0
      ? 'Every score rises with the overlap.'
      : `Not rising with the overlap throughout: the ${list(fail)}.`,
  ].join(' ');
}

function leaning(bias: number): string {
  if (Math.abs(bias) < 0.005) return 'to neither side';
  return bias < 0 ? `too low by ${score(-bias)} on average` : `too high by ${score(bias)} on average`;
}
