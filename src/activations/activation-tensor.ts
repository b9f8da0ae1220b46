// Which tensors of a file hold its activations: the one that was named, the only one, the only one that can be, or a list of
// them whose rows follow one another. And which of their rows: of sequences, all positions or those after the first.
import { ReseedError } from '../errors.js';
import { floatDtypes, type TensorEntry } from '../formats/tensor.js';
import { listNames, type TensorFile } from '../formats/tensor-file.js';

/** Rows of one tensor: [rows × d], or [batch × sequence × d], of which each position is a row. */
export interface ActivationPart {
  readonly entry: TensorEntry;
  /** Positions of each sequence; of a tensor of two dimensions that is one, its rows. */
  readonly sequence: number;
  /** First positions of each sequence that are left out. */
  readonly dropped: number;
  /** Rows that are left. */
  readonly rows: number;
}

export interface ActivationParts {
  readonly parts: readonly ActivationPart[];
  /** Of a row. */
  readonly cols: number;
  /** What was made of the file that it does not say itself, for people. */
  readonly notes: readonly string[];
}

/**
 * @param wanted the name of the tensor, or of a list of tensors
 * @param dropFirst positions of each sequence that are left out
 * @throws input.format when there is none of that name, it does not hold floats, or several could be meant;
 * input.shape when it has other dimensions; usage.argument where rows are to be left out and there are no sequences
 */
export function activationParts(tensors: TensorFile, wanted?: string, dropFirst = 0): ActivationParts {
  const { file } = tensors;
  const entries = activationTensors(tensors, wanted);
  const isList = entries.length > 1;
  const parts = entries.map((entry) => {
    const { name, shape } = entry;
    const field = `tensor ${name}`;
    if (shape.length !== 2 && shape.length !== 3) {
      const [found, expected] = [shapeText(entry), '[rows × d] or [batch × sequence × d]'];
      const problem = 'activations have two dimensions, or three';
      throw new ReseedError('input.shape', problem, { file, field, found, expected });
    }
    if (!floatDtypes.includes(entry.dtype)) {
      const [found, expected] = [entry.dtype, floatDtypes.join(', ')];
      throw new ReseedError('input.format', 'it does not hold floats', { file, field, found, expected });
    }
    const sequences = shape.length === 3 || isList;
    if (dropFirst > 0 && !sequences) {
      throw new ReseedError('usage.argument', 'there are no sequences to leave first positions out of', {
        file,
        field: '--drop-first',
        found: `tensor ${name} ${shapeText(entry)}`,
        expected:
          '[batch × sequence × d], a list of tensors [sequence × d], or tokens that say where rows stand',
      });
    }
    const [batch, sequence] = shape.length === 3 ? shape : [1, shape[0]];
    const dropped = Math.min(dropFirst, sequence);
    const rows = batch * (sequence - dropped);
    // A stride of 0 lets a file claim any number of rows.
    if (!Number.isSafeInteger(rows)) {
      const [found, expected] = [shapeText(entry), 'fewer than 2⁵³ rows'];
      throw new ReseedError('input.format', 'it claims more rows than can be counted', {
        file,
        field,
        found,
        expected,
      });
    }
    return { entry, sequence, dropped, rows };
  });
  return { parts, cols: entries[0].shape.at(-1) as number, notes: notesOf(tensors, parts, dropFirst) };
}

function notesOf(
  { file, skipped }: TensorFile,
  parts: readonly ActivationPart[],
  dropFirst: number,
): string[] {
  const [{ entry }] = parts;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const dropped = dropFirst > 0 ? `, without the first ${dropFirst} of each sequence` : '';
  const of = parts.length > 1 ? `${parts.length} tensors, joined` : `${entry.name} ${shapeText(entry)}`;
  return [
    ...(parts.length > 1 || entry.shape.length === 3
      ? [`${file}: ${of}: ${rows} rows, one a position${dropped}`]
      : []),
    ...(skipped
      ? [
          `${file}: skipped ${listNames(skipped.keys())}, which ${skipped.size > 1 ? 'are' : 'is'} not of numbers`,
        ]
      : []),
  ];
}

function activationTensors({ file, tensors, skipped }: TensorFile, wanted?: string): readonly TensorEntry[] {
  if (wanted === undefined) return listOf(tensors, '') ?? [onlyTensor(file, [...tensors.values()])];
  const entry = tensors.get(wanted);
  const entries = entry ? [entry] : listOf(tensors, `${wanted}/`);
  if (entries) return entries;
  const unread = skipped?.get(wanted);
  if (unread) throw unread;
  const found = listNames(tensors.keys());
  throw new ReseedError('input.format', 'it is not in the file', { file, field: `tensor ${wanted}`, found });
}

/** Tensors that are numbered from 0 on below this name and no others, of floats of one width: a list of them. */
function listOf(tensors: TensorFile['tensors'], prefix: string): TensorEntry[] | undefined {
  const list = [...tensors.values()].filter(({ name }) => name.startsWith(prefix));
  const [first] = list;
  const fits = list.every(
    ({ name, shape, dtype }, i) =>
      name === `${prefix}${i}` &&
      floatDtypes.includes(dtype) &&
      (shape.length === 2 || shape.length === 3) &&
      shape.at(-1) === first.shape.at(-1),
  );
  return list.length > 1 && fits ? list : undefined;
}

/** Whether more than one tensor of a file can be activations. */
export function canBeActivations({ tensors }: TensorFile): boolean {
  const can = [...tensors.values()].filter(
    ({ shape, dtype }) => floatDtypes.includes(dtype) && (shape.length === 2 || shape.length === 3),
  );
  return can.length > 1;
}

function onlyTensor(file: string, entries: readonly TensorEntry[]): TensorEntry {
  if (entries.length === 1) return entries[0];
  const floats = entries.filter(({ dtype }) => floatDtypes.includes(dtype));
  for (const dimensions of [2, 3]) {
    const can = floats.filter(({ shape }) => shape.length === dimensions);
    if (can.length === 1) return can[0];
    if (can.length > 1) break;
  }
  throw new ReseedError('input.format', 'it is not clear which tensor holds the activations', {
    file,
    found: listNames(entries.map((entry) => `${entry.name} (${entry.dtype} ${shapeText(entry)})`)),
    expected: 'one of floats with two or three dimensions, or its name as FILE#NAME',
  });
}

function shapeText({ shape }: TensorEntry): string {
  return `[${shape.join(' × ')}]`;
}
