// Which tensor of a file holds its activations: the one that was named, the only one, or the only one that can be.
import { ReseedError } from '../errors.js';
import { floatDtypes, type TensorEntry } from '../formats/tensor.js';
import { listNames, type TensorFile } from '../formats/tensor-file.js';

/**
 * A tensor of floats [rows × d].
 * @param wanted its name
 * @throws input.format when there is none of that name, it does not hold floats, or several could be meant;
 * input.shape when it has other than two dimensions
 */
export function activationTensor({ file, tensors }: TensorFile, wanted?: string): TensorEntry {
  const entry = wanted === undefined ? onlyTensor(file, [...tensors.values()]) : tensors.get(wanted);
  const field = `tensor ${wanted ?? entry?.name}`;
  if (entry === undefined) {
    const found = listNames(tensors.keys());
    throw new ReseedError('input.format', 'it is not in the file', { file, field, found });
  }
  if (entry.shape.length !== 2) {
    const found = `[${entry.shape.join(' × ')}]`;
    const expected = '[rows × d]';
    throw new ReseedError('input.shape', 'activations have two dimensions', { file, field, found, expected });
  }
  if (!floatDtypes.includes(entry.dtype)) {
    const [found, expected] = [entry.dtype, floatDtypes.join(', ')];
    throw new ReseedError('input.format', 'it does not hold floats', { file, field, found, expected });
  }
  return entry;
}

function onlyTensor(file: string, entries: readonly TensorEntry[]): TensorEntry {
  if (entries.length === 1) return entries[0];
  const can = entries.filter(({ shape, dtype }) => shape.length === 2 && floatDtypes.includes(dtype));
  if (can.length === 1) return can[0];
  throw new ReseedError('input.format', 'which tensor holds the activations cannot be told', {
    file,
    found: listNames(entries.map(({ name, dtype, shape }) => `${name} (${dtype} [${shape.join(' × ')}])`)),
    expected: 'one of floats with two dimensions, or its name as FILE#NAME',
  });
}
