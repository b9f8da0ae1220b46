// Argument checks of the training of TopK autoencoders, shared by every kernel.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { requireBatches, requireClipNorm, requireEncodable, requireSchedule } from './arguments.js';
import type { TopKHyper, TopKTask } from './top-k.js';

function refuse(problem: string, field: string, found: unknown, expected?: string): ReseedError {
  const details = { field, found: String(found), ...defined({ expected }) };
  return new ReseedError('input.shape', problem, details);
}

/** @throws input.shape for a number that does not fit */
function require(field: string, value: number, fits: (v: number) => boolean, expected: string): void {
  if (!fits(value)) throw refuse('a training option does not fit', field, value, expected);
}

const isCount = (v: number): boolean => Number.isInteger(v) && v >= 1;
const isNotNegative = (v: number): boolean => Number.isFinite(v) && v >= 0;

/** Options fit each other and this number of features. @throws input.shape */
function requireTopKHyper(hyper: TopKHyper, features: number): void {
  const { selection, relu, levels, threshold, auxiliary, clipNorm } = hyper;
  if (selection === 'batch' && !relu) {
    throw refuse('a batch selects codes above 0', 'relu', relu, 'true with selection: batch');
  }
  if (threshold !== undefined) {
    if (selection !== 'batch') throw refuse('only a batch has a threshold', 'selection', selection, 'batch');
    require('threshold.keep', threshold.keep, (v) => v >= 0 && v <= 1, '0 … 1');
    require('threshold.from', threshold.from, isNotNegative, 'a number of steps');
  }
  levels.forEach((level, l) => {
    const least = l === 0 ? 1 : levels[l - 1].features + 1;
    const isLast = l === levels.length - 1;
    const fits = isLast
      ? (v: number) => v === features && v >= least
      : (v: number) => Number.isInteger(v) && v >= least && v < features;
    require(`levels[${l}].features`, level.features, fits, isLast
      ? String(features)
      : `${least} … ${features - 1}`);
    require(`levels[${l}].weight`, level.weight, isNotNegative, 'a number of at least 0');
  });
  if (levels.length > 255) throw refuse('too many levels', 'levels', levels.length, 'at most 255');
  requireClipNorm(clipNorm);
  if (auxiliary === undefined) return;
  require('auxiliary.k', auxiliary.k, isCount, 'a whole number of at least 1');
  require('auxiliary.coefficient', auxiliary.coefficient, isNotNegative, 'a number of at least 0');
  require('auxiliary.dead.window', auxiliary.dead.window, Number.isFinite, 'a number');
  require('auxiliary.dead.firedAbove', auxiliary.dead.firedAbove, Number.isFinite, 'a number');
}

/** A task fits X and these options. @throws input.shape, input.non-finite */
export function requireTopKTask(task: TopKTask, x: Matrix, hyper: TopKHyper): void {
  const { state, batches, learningRates } = task;
  requireEncodable(state.weights, x.cols, hyper);
  requireTopKHyper(hyper, state.features);
  requireBatches(task, x.rows);
  requireSchedule('learningRates', learningRates, batches.length);
  if (state.sinceFired.length !== state.features) {
    throw refuse('counts do not fit', 'sinceFired', state.sinceFired.length, String(state.features));
  }
}
