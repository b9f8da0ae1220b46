// Schedules: what learning rate and sparsity are multiplied by at each step, steps counted from 0.
//
// Warm-up over w steps: s/w, so that the first step has 0 (dictionary_learning, trainers/trainer.py, get_lr_schedule and
// get_sparsity_warmup_fn). Decay from step c of T: (T − s)/(T − c), as there. A warm-up takes at most half of a run:
// the packages refuse runs that are shorter than their warm-up.

/** Steps of a warm-up in a run of `steps` in all. */
export function warmUpWithin(asked: number, steps: number): number {
  return Math.min(asked, Math.floor(steps / 2));
}

/** 0 … 1, rising over the first `warmUp` steps. */
export function warmUpFactor(step: number, warmUp: number): number {
  return step < warmUp ? step / warmUp : 1;
}

export interface RateSchedule {
  readonly warmUp: number;
  readonly steps: number;
  /** Share of the steps from which it falls. */
  readonly decayFrom?: number | undefined;
}

/** 0 … 1: the warm-up, then 1, then the fall. */
export function rateFactor(step: number, { warmUp, steps, decayFrom }: RateSchedule): number {
  if (step < warmUp || decayFrom === undefined) return warmUpFactor(step, warmUp);
  const begin = Math.floor(decayFrom * steps);
  return step < begin ? 1 : (steps - step) / (steps - begin);
}

/** Values of a schedule at `count` steps from `from` on. */
export function scheduled(from: number, count: number, valueAt: (step: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, s) => valueAt(from + s));
}
