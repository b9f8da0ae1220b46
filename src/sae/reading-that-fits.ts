// Of several ways to read the same file, the one whose SAE reconstructs activations: an encode–decode check.
import type { Matrix } from '../tensor/matrix.js';
import { takeRows } from '../tensor/matrix.js';
import { encode } from './encode.js';
import { measureFit } from './fit.js';
import type { Sae } from './sae.js';
import type { StatedSettings } from './stated-settings.js';

/** Rows that are enough to tell an SAE that reconstructs from one that does not. */
const enoughRows = 256;
/** The right reading leaves less than this share of the variance unexplained … */
const mostUnexplained = 0.5;
/** … and every other one this many times more, where nothing else speaks for either. */
const clear = 2;

export interface FittingReading<T> {
  readonly reading: T;
  /** Share of the variance of the activations that it leaves unexplained. */
  readonly unexplained: number;
}

/**
 * @param readings each is made when it is its turn, so that only two are in memory at once
 * @param clearRatio how many times more each of the others must leave unexplained
 * @returns undefined where no reading fits, or more than one does
 */
export async function readingThatFits<T extends { readonly sae: Sae }>(
  readings: readonly (() => Promise<T>)[],
  { x, targets = x, kernel }: NonNullable<StatedSettings['activations']>,
  clearRatio = clear,
): Promise<FittingReading<T> | undefined> {
  const rows = someRows(x);
  const written = targets === x ? rows : someRows(targets);
  let best: FittingReading<T> | undefined;
  let next = Number.POSITIVE_INFINITY;
  for (const make of readings) {
    const reading = await make();
    const { sae } = reading;
    const wanted = sae.transcoder ? written : rows;
    if (sae.encoder.cols !== x.cols || sae.decoder.cols !== wanted.cols) continue;
    const codes = await encode(sae, rows, kernel);
    const unexplained = 1 - measureFit(sae, rows, codes, wanted).explainedVariance;
    if (best === undefined || unexplained < best.unexplained) {
      next = best?.unexplained ?? next;
      best = { reading, unexplained };
    } else next = Math.min(next, unexplained);
  }
  if (best === undefined || !(best.unexplained < mostUnexplained)) return undefined;
  return next > clearRatio * best.unexplained ? best : undefined;
}

/** Evenly from the whole. */
function someRows(x: Matrix): Matrix {
  if (x.rows <= enoughRows) return x;
  return takeRows(
    x,
    Int32Array.from({ length: enoughRows }, (_, n) => Math.floor((n * x.rows) / enoughRows)),
  );
}
