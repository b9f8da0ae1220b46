// When a training run has diverged: its loss or weights are no numbers, or its loss is far above what writing nothing at all would cost.
//
// An SAE that writes 0 has a squared error of ‖x‖² a row. Losses are at most that sum over the coordinates, whatever
// the recipe's unit, and sparsity terms are of its order: a thousand times the mean of ‖x‖² is no start that a run
// comes back from.
import type { Matrix } from '../tensor/matrix.js';
import { isTrainable, type TrainingState } from '../training/state.js';

const hopeless = 1000;

/** The loss above which a run on X [N×d] has diverged; infinite where X is all zeros. */
export function divergedAbove({ rows, data }: Matrix): number {
  let sum = 0;
  for (const value of data) sum += value * value;
  return sum > 0 ? (hopeless * sum) / rows : Number.POSITIVE_INFINITY;
}

/** Whether a loss or the weights say so. A loss that was read back from JSON is null where it was no number. */
export function hasDiverged(state: TrainingState, above: number): boolean {
  return (
    (state.losses as readonly (number | null)[]).some(
      (loss) => loss === null || !Number.isFinite(loss) || loss > above,
    ) || !isTrainable(state)
  );
}
