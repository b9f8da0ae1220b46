// What PyTorch makes of BatchTopK, Matryoshka and AuxK: tests/fixtures/make-training-options.py.
import { readFileSync } from 'node:fs';
import { startTopKState, type TopKHyper, type TopKState, type TopKWeights } from '../../src/kernel/top-k.js';
import { type Matrix, sharedFloat32 } from '../../src/tensor/index.js';

type Packed = Record<keyof TopKWeights, string>;

export interface OptionsRun {
  readonly name: string;
  readonly hyper: TopKHyper;
  readonly start: Packed;
  /** The first batch with the fixture's counts since firing. */
  readonly once: { losses: [number, number]; dead: number; gradients: Packed };
  /** [300] the two losses before each step */
  readonly losses: readonly (readonly [number, number])[];
  /** [some] in the first steps */
  readonly dead: readonly number[];
  readonly startAt: { sinceFired: number; threshold: number };
  /** After some steps. */
  readonly sinceFired: readonly number[];
  readonly threshold: number;
  readonly weights: Packed;
}

interface Fixture {
  readonly width: number;
  readonly features: number;
  readonly rows: number;
  readonly x: string;
  readonly sinceFired: readonly number[];
  readonly batches: number[][];
  readonly rates: number[];
  readonly runs: readonly OptionsRun[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/training-options.json', import.meta.url), 'utf8'),
) as Fixture;

export const names = ['encoder', 'encoderBias', 'decoder', 'decoderBias'] as const;

function unpack(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  const out = sharedFloat32(bytes.length / 4);
  for (let i = 0; i < out.length; i++) out[i] = bytes.readFloatLE(4 * i);
  return out;
}

export function unpackWeights(packed: Packed): TopKWeights {
  const [encoder, encoderBias, decoder, decoderBias] = names.map((name) => unpack(packed[name]));
  return { encoder, encoderBias, decoder, decoderBias };
}

export const optionsRuns = fixture.runs;
export const optionsX: Matrix = { rows: fixture.rows, cols: fixture.width, data: unpack(fixture.x) };
export const optionsBatches = fixture.batches.map((batch) => Int32Array.from(batch));
export const optionsRates = Float64Array.from(fixture.rates);

/** The state that a run starts from. */
export function startOf({ start, startAt }: OptionsRun): TopKState {
  return startTopKState(unpackWeights(start), startAt);
}

/** The state of the pass that has gradients. */
export function stateOfOnce(run: OptionsRun): TopKState {
  const state = startOf(run);
  const unit = run.hyper.auxiliary?.dead.unit === 'rows' ? optionsBatches[0].length : 1;
  state.sinceFired.set(fixture.sinceFired.map((count) => count * unit));
  return state;
}

/** Largest difference, as a share of the largest expected size. */
export function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.NaN;
  let [most, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(found[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return most / Math.max(size, 1e-6);
}
