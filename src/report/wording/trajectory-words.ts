// What a score over training says, in words: not finished, settled, never, falling, or undecided.
import type { TrajectoryJudgement, TrajectoryVerdict } from '../../diagnosis/trajectory-judgement.js';
import { percent, score } from '../number-format.js';
import { metricWords } from './metric-terms.js';

/** For legends and narrow columns. */
export const trajectoryWords: Record<TrajectoryVerdict, string> = {
  unfinished: 'not finished',
  settled: 'settled',
  never: 'never, at this rate',
  falling: 'falling',
  undecided: 'undecided',
};

/** A sentence or two on one score, with the numbers that decide. */
export function describeTrajectory(judged: TrajectoryJudgement): string {
  const { metric, verdict, corrected, perDoubling, interval, extrapolated, lossFall } = judged;
  const name = `The ${metricWords[metric].name}`;
  if (perDoubling === undefined || extrapolated === undefined) {
    return `${name}: too few snapshots late in training to tell whether it still changes.`;
  }
  const sure = interval ? ` (95% interval ${score(interval.low)} to ${score(interval.high)})` : '';
  const change = `${score(perDoubling)} per doubling of the steps${sure}`;
  const loss =
    lossFall === undefined
      ? ''
      : lossFall > 0
        ? `, while as many steps again would take ${percent(lossFall)} of the loss away`
        : ', while the loss no longer falls';
  switch (verdict) {
    case 'unfinished':
      return (
        `${name} is not finished: it stands at ${score(corrected)} of the way from chance to full agreement and still ` +
        `rises by ${change}; four times the steps would bring it to about ${score(extrapolated)}.`
      );
    case 'settled':
      return `${name} has settled at ${score(corrected)} of the way from chance to full agreement: it changes by ${change}.`;
    case 'never':
      return (
        `${name} would not leave chance with more training: it stands at ${score(corrected)} and changes by ${change}` +
        `${loss}.`
      );
    case 'falling':
      return (
        `${name} falls with training: it stands at ${score(corrected)} of the way from chance to full agreement and ` +
        `changes by ${change}. Agreement that was there before training is being lost.`
      );
    case 'undecided':
      return `${name} does not say whether more training would help: it stands at ${score(corrected)} and changes by ${change}${loss}.`;
  }
}
