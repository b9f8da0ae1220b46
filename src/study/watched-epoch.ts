// How SAEs stand after an epoch, for those who watch a run: their losses, and how many features fire nowhere.
import type { StudyEvent } from '../compare/progress.js';
import type { Kernel } from '../kernel/interface.js';
import { encode } from '../sae/encode.js';
import { type Matrix, takeRows } from '../tensor/matrix.js';
import { liveFeatures } from '../tensor/sparse-codes.js';
import type { TrainingRun } from '../training/loop.js';
import type { Settings } from './settings.js';
import { saeOf } from './trainer.js';

type Epoch = Extract<StudyEvent, { type: 'epoch' }>['saes'];

/** Rows that stand for the data: enough to see dying, few enough to cost little beside an epoch. */
const sampleRows = 1024;

/** @param watched whether somebody watches: only then are features counted */
export function epochOf(
  runs: readonly TrainingRun[],
  settings: Settings,
  x: Matrix,
  { kernel, watched = false }: { readonly kernel: Kernel; readonly watched?: boolean },
): Promise<Epoch> {
  const sample = watched ? evenlySpaced(x, Math.min(sampleRows, x.rows)) : undefined;
  const told = runs.map(async ({ id, state }) => {
    const one = { id, loss: state.losses[state.losses.length - 1], features: settings.dSae };
    if (!sample) return one;
    const codes = await encode(saeOf(settings, state), sample, kernel);
    return { ...one, dead: settings.dSae - liveFeatures(codes).length };
  });
  return Promise.all(told);
}

function evenlySpaced(x: Matrix, n: number): Matrix {
  return takeRows(
    x,
    Int32Array.from({ length: n }, (_, i) => Math.floor((i * x.rows) / n)),
  );
}
