// How many features an SAE keeps of each row, checked before anything is made of it.
import { ReseedError } from '../errors.js';

/**
 * @param features how many there are
 * @param file @param field where it stands, or would stand
 * @throws input.format where there is none, or where so many cannot be kept
 */
export function requireK(k: number | undefined, features: number, file: string, field: string): number {
  if (k !== undefined && Number.isInteger(k) && k >= 1 && k <= features) return k;
  throw new ReseedError('input.format', 'it is not a number of features that can be kept', {
    file,
    field,
    found: k === undefined ? 'nothing' : String(k),
    expected: `a whole number from 1 to ${features}`,
  });
}

/** The same of GroupMax, which keeps one of each of k blocks. @throws input.format where its features cannot be put into these */
export function requireBlocks(k: number | undefined, features: number, file: string, field: string): number {
  const blocks = requireK(k, features, file, field);
  if (features % blocks === 0) return blocks;
  throw new ReseedError('input.format', 'its features cannot be put into blocks of one size', {
    file,
    field,
    found: `${blocks}, of ${features} features`,
    expected: 'a whole number of them in each of k blocks',
  });
}
