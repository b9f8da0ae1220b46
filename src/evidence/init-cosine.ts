// Cosine of every decoder row with its own row before training: 1 where training left the direction alone.
import { ReseedError } from '../errors.js';
import type { Member } from '../sae/member.js';
import { dot, row, rowNorms } from '../tensor/matrix.js';

export interface InitCosines {
  /** [n] features that have a direction before and after, ascending */
  readonly features: Int32Array;
  /** [n] signed cosine of each of them, in [−1, 1] */
  readonly cosines: Float64Array;
  /** Features whose row is 0 before or after training, ascending. */
  readonly leftOut: Int32Array;
}

/**
 * Undefined where the initial weights are unknown.
 * @throws input.shape when initial and final decoder differ in shape
 */
export function initCosines({ id, sae, init }: Member): InitCosines | undefined {
  if (!init) return undefined;
  const { rows, cols } = sae.decoder;
  if (init.decoder.rows !== rows || init.decoder.cols !== cols) {
    throw new ReseedError('input.shape', 'initial and final decoder differ in shape', {
      field: id,
      found: `${init.decoder.rows} × ${init.decoder.cols} before training`,
      expected: `${rows} × ${cols}`,
    });
  }
  const before = rowNorms(init.decoder);
  const after = rowNorms(sae.decoder);
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const features = all.filter((i) => before[i] > 0 && after[i] > 0);
  const cosines = Float64Array.from(features, (i) => {
    const cosine = dot(row(sae.decoder, i), row(init.decoder, i)) / (before[i] * after[i]);
    return Math.max(-1, Math.min(1, cosine));
  });
  return { features, cosines, leftOut: all.filter((i) => before[i] === 0 || after[i] === 0) };
}
