// Argument checks that every kernel shares: shapes agree, and nothing is NaN or infinite.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { EncodeOptions, TopKWeights } from './top-k.js';

/** Whether no value is NaN or infinite. */
type FiniteCheck = (values: Float32Array) => boolean;

// x − x is 0 for a finite x and NaN for all others.
let allFinite: FiniteCheck = (values) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] - values[i];
  return sum === 0;
};

/** Puts a faster check of the same thing in place: for large matrices this one takes as long as the work. */
export function useFiniteCheck(check: FiniteCheck): void {
  allFinite = check;
}

/** Position of the first value that is NaN or infinite, or −1. */
export function firstNonFinite(values: Float32Array): number {
  return allFinite(values) ? -1 : values.findIndex((v) => !Number.isFinite(v));
}

export function requireFinite(name: string, m: Matrix): void {
  const at = firstNonFinite(m.data);
  if (at < 0) return;
  throw new ReseedError('input.non-finite', 'a value is not finite', {
    field: `${name}[${Math.floor(at / m.cols)}, ${at % m.cols}]`,
    found: String(m.data[at]),
    expected: 'finite numbers',
  });
}

export function requireSameWidth(a: Matrix, b: Matrix): void {
  if (a.cols === b.cols) return;
  throw new ReseedError('input.shape', 'rows to compare differ in width', {
    found: `${b.cols}`,
    expected: `${a.cols}`,
  });
}

export function requireSameRows(a: SparseCodes, b: SparseCodes): void {
  if (a.rows === b.rows) return;
  throw new ReseedError('input.shape', 'codes come from different numbers of rows', {
    found: `${b.rows}`,
    expected: `${a.rows}`,
  });
}

export function requireFiniteCodes(name: string, codes: SparseCodes): void {
  const at = firstNonFinite(codes.values);
  if (at < 0) return;
  throw new ReseedError('input.non-finite', 'a code is not finite', {
    field: `${name}[${codes.offsets.findLastIndex((from) => from <= at)}, ${codes.indices[at]}]`,
    found: String(codes.values[at]),
    expected: 'finite numbers',
  });
}

/** Weights fit the input and are finite, and k is a whole number of at least 1. */
export function requireEncodable(weights: TopKWeights, width: number, { k }: EncodeOptions): void {
  const features = weights.encoderBias.length;
  const expected: [keyof TopKWeights, number][] = [
    ['encoder', features * width],
    ['decoder', features * width],
    ['decoderBias', width],
  ];
  for (const [field, length] of expected) {
    if (weights[field].length !== length) {
      throw new ReseedError('input.shape', 'weights do not fit the input', {
        field,
        found: `${weights[field].length} values`,
        expected: `${length} (${features} features, width ${width})`,
      });
    }
  }
  for (const [name, data] of Object.entries(weights) as [string, Float32Array][]) {
    requireFinite(name, { rows: 1, cols: data.length, data });
  }
  if (!Number.isInteger(k) || k < 1) {
    throw new ReseedError('input.shape', 'k is not a whole number of at least 1', {
      field: 'k',
      found: String(k),
    });
  }
}

/** Every row that a batch names exists. */
export function requireBatches({ batches }: { batches: readonly Int32Array[] }, rows: number): void {
  for (const batch of batches) {
    if (batch.length === 0) throw new ReseedError('input.shape', 'a batch has no rows', { field: 'batches' });
    for (const n of batch) {
      if (n < 0 || n >= rows) {
        throw new ReseedError('input.shape', 'a batch names a row that is not there', {
          field: 'batches',
          found: String(n),
          expected: `0 … ${rows - 1}`,
        });
      }
    }
  }
}

/** A schedule has one finite entry a step. */
export function requireSchedule(field: string, schedule: Float64Array, steps: number): void {
  if (schedule.length !== steps) {
    throw new ReseedError('input.shape', 'a schedule does not have one entry a step', {
      field,
      found: String(schedule.length),
      expected: String(steps),
    });
  }
  const at = schedule.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new ReseedError('input.non-finite', 'a schedule is not finite', {
    field: `${field}[${at}]`,
    found: String(schedule[at]),
  });
}

/** A norm to clip gradients to is above 0. */
export function requireClipNorm(clipNorm: number | undefined): void {
  if (clipNorm === undefined || (Number.isFinite(clipNorm) && clipNorm > 0)) return;
  throw new ReseedError('input.shape', 'not a positive number', {
    field: 'clipNorm',
    found: String(clipNorm),
  });
}
