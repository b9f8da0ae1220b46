// All figures of a report, in the order of reading; those whose data are missing are left out.
import type { Results } from '../../results/results.js';
import { alongAxisFigure } from './along-axis.js';
import { causesFigure } from './causes.js';
import { familiesFigure } from './families.js';
import type { Figure } from './figure.js';
import { initCosineFigure } from './init-cosine.js';
import { liveDeadFigure } from './live-dead.js';
import { pairsFigure } from './pairs.js';
import { recoveryFigure } from './recovery.js';
import { scoresFigure } from './scores.js';
import { trajectoryFigure } from './trajectory.js';
import { varianceFigure } from './variance.js';

export type { Figure } from './figure.js';

/** Figures that the results have data for. */
export function figuresOf(results: Results): Figure[] {
  return [
    recoveryFigure,
    alongAxisFigure,
    varianceFigure,
    trajectoryFigure,
    scoresFigure,
    causesFigure,
    liveDeadFigure,
    initCosineFigure,
    pairsFigure,
    familiesFigure,
  ].flatMap((make) => make(results) ?? []);
}
