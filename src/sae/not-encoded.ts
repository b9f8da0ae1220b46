// SAEs whose codes the files, or rows, do not tell: refused where rows are to be encoded, read where directions are compared alone.
import { ReseedError } from '../errors.js';
import { requireK } from './require-k.js';
import type { Activation } from './sae.js';
import type { StatedSettings } from './stated-settings.js';
import type { WeightReader } from './weight-reader.js';

/** @param advice what could be given instead, with `; or ` behind it */
export function notEncoded(
  file: string,
  field: string,
  found: string,
  problem: string,
  advice = '',
): ReseedError {
  return new ReseedError('input.format', problem, {
    file,
    field,
    found,
    expected: `${advice}no --activations: its directions can be compared alone`,
  });
}

/** A threshold of all features. */
export function sameThreshold(threshold: number, features: number): Activation {
  return { kind: 'jumprelu', threshold: new Float32Array(features).fill(threshold) };
}

/**
 * BatchTopK keeps the largest of a whole batch, and of single rows those above a threshold. Where that is not in the file it is
 * TopK, if that is stated.
 * @param k of the files; else as stated @throws input.format
 */
export function batchTopKWithoutThreshold(
  { architecture, k: statedK, weightsOnly }: StatedSettings,
  k: number | undefined,
  features: number,
  weights: WeightReader,
): Activation {
  if (architecture === 'topk') {
    weights.assume('BatchTopK without a threshold', 'the k largest of each row', 'stated');
    return { kind: 'topk', k: requireK(k ?? statedK, features, weights.file, '--k'), relu: true };
  }
  if (weightsOnly) return { kind: 'unknown' };
  const problem =
    'BatchTopK chooses over a whole batch, and the threshold that stands for it is not in the file';
  const instead = `--architecture topk${k === undefined ? ' with --k' : ''}, which keeps ${k ?? 'k'} of each row; or `;
  throw notEncoded(weights.file, 'tensor threshold', 'no threshold', problem, instead);
}
