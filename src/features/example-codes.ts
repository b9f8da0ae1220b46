// Codes from which examples are taken: those of all rows while they fit a budget, else of every second, fourth, … block of 1024
// rows. Whole blocks, since an example is shown among its neighbours.
//
// Row n of the codes is row ⌊n/1024⌋·1024·stride + n mod 1024 of the activations. The stride is the smallest power of two with
// which the codes fit, so neither threads nor machine change it.
import type { ActivationRows } from '../activations/activation-rows.js';
import { throwIfCancelled } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { joinCodes } from '../kernel/join-codes.js';
import { encode } from '../sae/encode.js';
import { dSae, type Sae } from '../sae/sae.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

export interface ExampleCodes {
  readonly codes: SparseCodes;
  /** Every so manieth block is there; 1: all. */
  readonly stride: number;
}

export interface ExampleCodesOptions extends WorkOptions {
  /** Bytes that the codes may take; 256 MiB. Which rows are there depends on it, so it is no setting. */
  readonly budget?: number;
}

const blockRows = 1024;
const defaultBudget = 2 ** 28;

/** The row of the activations that row n of the codes is of. */
export function rowOfCode(n: number, { stride }: Pick<ExampleCodes, 'stride'>): number {
  return Math.floor(n / blockRows) * blockRows * stride + (n % blockRows);
}

/** @throws as `encode`; input.file, input.format for activations; internal.cancelled */
export async function codesForExamples(
  sae: Sae,
  x: ActivationRows,
  kernel: Kernel,
  { budget = defaultBudget, signal }: ExampleCodesOptions = {},
): Promise<ExampleCodes> {
  let blocks: SparseCodes[] = [];
  let bytes = 0;
  let stride = 1;
  for (let from = 0; from < x.rows; from += blockRows * stride) {
    throwIfCancelled(signal);
    const block = await x.read(from, Math.min(x.rows, from + blockRows));
    const codes = await encode(sae, block, kernel, signal ? { signal } : {});
    blocks.push(codes);
    bytes += bytesOf(codes);
    while (bytes > budget && blocks.length > 1) {
      // The next block is one after the last that stays.
      if (blocks.length % 2 === 0) from -= blockRows * stride;
      blocks = blocks.filter((_, i) => i % 2 === 0);
      bytes = blocks.reduce((sum, one) => sum + bytesOf(one), 0);
      stride *= 2;
    }
  }
  return { codes: joinCodes(blocks, dSae(sae)), stride };
}

function bytesOf({ indices, rows }: SparseCodes): number {
  return 8 * indices.length + 4 * rows;
}
