// The weights that a run starts from: those that its recipe draws, with the decoder bias that the data gives.
import type { SaeWeights } from '../../sae/sae.js';
import { type Matrix, sharedFloat32, takeRows } from '../../tensor/matrix.js';
import type { SaePlan } from '../architecture.js';
import { geometricMedian } from '../geometric-median.js';
import { requireTrained } from '../recipes/index.js';

/** Rows that stand for the data, as many as OpenAI takes (train.py); evenly spaced where there are more. */
const sampleRows = 32_768;

/** @param d width of the activations @param x [N×d] @throws input.config where the recipe does not train it */
export function startWeights({ recipe, sae }: SaePlan, initSeed: number, d: number, x?: Matrix): SaeWeights {
  requireTrained(recipe, sae);
  const drawn = recipe.init(initSeed, d, sae.dSae, sae);
  if (recipe.rules(sae, d).decoderBias === 'zero' || !x) return drawn;
  const decoderBias = sharedFloat32(d);
  decoderBias.set(geometricMedian(sampleOf(x)));
  return { ...drawn, decoderBias };
}

/** At most `sampleRows` rows of X, evenly spaced. */
export function sampleOf(x: Matrix): Matrix {
  if (x.rows <= sampleRows) return x;
  return takeRows(
    x,
    Int32Array.from({ length: sampleRows }, (_, i) => Math.floor((i * x.rows) / sampleRows)),
  );
}
