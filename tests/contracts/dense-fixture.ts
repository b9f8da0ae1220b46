// Reads dense.json (made by make-dense.py).
import { readFileSync } from 'node:fs';
import type { DenseArchitecture, DenseArrays, DenseLoss } from '../../src/kernel/dense.js';
import { perFeatureNames } from '../../src/kernel/dense.js';
import { matrix } from '../../src/tensor/index.js';

type Packed = Record<string, string>;

export interface DenseRun {
  readonly loss: DenseLoss;
  /** reconstruction, sparsity, auxiliary, l0 */
  readonly parts: number[];
  readonly gradients: Packed;
  readonly totals: number[];
  readonly trained: Packed;
}

export const fixture: {
  readonly rows: number;
  readonly width: number;
  readonly features: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly x: string;
  readonly batch: number[];
  readonly start: Packed;
  readonly runs: DenseRun[];
} = JSON.parse(readFileSync(new URL('../fixtures/dense.json', import.meta.url), 'utf8'));

function floats(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

export const fixtureX = matrix(fixture.rows, fixture.width, floats(fixture.x));
export const fixtureBatch = Int32Array.from(fixture.batch);

/** The arrays of an architecture from their packed values by name. */
export function unpack(architecture: DenseArchitecture, values: Packed): DenseArrays<Float32Array> {
  return {
    encoder: floats(values['encoder']),
    decoder: floats(values['decoder']),
    decoderBias: floats(values['decoderBias']),
    perFeature: perFeatureNames[architecture].map((name) => floats(values[name])),
  };
}
