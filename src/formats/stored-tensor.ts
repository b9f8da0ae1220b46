// How a tensor lies in a source of bytes: where it begins, and how far its elements are apart along each axis.
//
// Element [i, j, …] begins at byte begin + width·(i·stride₀ + j·stride₁ + …). Source: NumPy's and PyTorch's strided
// arrays, except that strides count elements and none is negative, as in the files that either writes.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { mostDimensions } from './limits.js';
import { dtypeBytes, type TensorEntry } from './tensor.js';

export interface StoredTensor extends TensorEntry {
  /** Where its first element begins, in bytes. */
  readonly begin: number;
  /** Elements from one index of an axis to the next, for each axis; row-major where absent. */
  readonly strides?: readonly number[];
  readonly bigEndian?: boolean;
}

/** Rows `from` up to but not including `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** One axis of a walk over elements: how many there are, and how far apart in the source and in the result. */
export interface WalkAxis {
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Checks that a tensor lies within its source and no two of its elements lie on each other. A stride of 0, which
 * repeats an element along an axis, is sound.
 * @throws input.format
 */
export function checkStored(source: ByteSource, stored: StoredTensor): void {
  const { dtype, shape, begin, strides = rowMajor(shape) } = stored;
  const fail = (problem: string, found: string, expected: string) =>
    new ReseedError('input.format', problem, {
      file: source.name,
      field: `tensor ${stored.name}`,
      found,
      expected,
    });
  if (shape.length > mostDimensions) {
    throw fail('it has too many dimensions', `${shape.length}`, `at most ${mostDimensions}`);
  }
  if (strides.length !== shape.length || ![...shape, ...strides, begin].every(isCount)) {
    const found = `shape [${shape.join(', ')}], strides [${strides.join(', ')}], offset ${begin}`;
    throw fail('its layout is wrong', found, 'whole numbers, none negative, and as many strides as axes');
  }
  if (shape.includes(0)) return;
  let span = 1;
  for (const { count, from } of walkOf(shape, strides)) {
    if (from > 0 && from < span) {
      const found = `shape [${shape.join(', ')}], strides [${strides.join(', ')}]`;
      throw fail(
        'its elements lie on each other',
        found,
        `strides of 0, or of ${span} and more after the last`,
      );
    }
    span += (count - 1) * from;
  }
  const end = begin + span * dtypeBytes[dtype];
  if (end > source.size) {
    const expected = `${end} for ${dtype} [${shape.join(' × ')}] at offset ${begin}`;
    throw fail('the file ends before its data', `${source.size} bytes`, expected);
  }
}

/**
 * The rows of a tensor as one of their own.
 * @throws input.shape when it has no such rows
 */
export function selectRows(source: ByteSource, stored: StoredTensor, { from, to }: RowRange): StoredTensor {
  const { dtype, shape, begin, strides = rowMajor(shape) } = stored;
  if (shape.length === 0 || !isCount(from) || !isCount(to) || from > to || to > shape[0]) {
    throw new ReseedError('input.shape', 'it has no such rows', {
      file: source.name,
      field: `tensor ${stored.name}`,
      found: `[${shape.join(' × ')}]`,
      expected: `rows ${from} to ${to}`,
    });
  }
  return {
    ...stored,
    shape: [to - from, ...shape.slice(1)],
    strides,
    begin: begin + from * strides[0] * dtypeBytes[dtype],
  };
}

/**
 * The axes from the smallest stride in the source to the largest, so that a walk over them, the first fastest, passes
 * the source once and forwards. Axes that continue each other are one; axes of one element are left out, and at
 * least one axis stays.
 */
export function walkOf(shape: readonly number[], strides: readonly number[]): WalkAxis[] {
  const result = rowMajor(shape);
  const axes = shape
    .map((count, i): WalkAxis => ({ count, from: strides[i], to: result[i] }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const walk: WalkAxis[] = [];
  for (const axis of axes) {
    const last = walk.at(-1);
    if (last && axis.from === last.count * last.from && axis.to === last.count * last.to) {
      walk[walk.length - 1] = { ...last, count: last.count * axis.count };
    } else {
      walk.push(axis);
    }
  }
  return walk.length > 0 ? walk : [{ count: 1, from: 1, to: 1 }];
}

/** Strides of a tensor without gaps whose last axis is the fastest. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}
