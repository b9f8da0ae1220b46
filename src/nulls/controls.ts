// Controls: three cases whose score is known, measured with the same code in every report.
//
// An SAE against itself, and against its own permuted and sign-flipped copy, scores 1. Two dictionaries that
// share a part s of their rows, the others random, score s + (1 − s)·chance.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { type ActivationScores, activationScores } from '../similarity/activation.js';
import { directionMax } from '../similarity/directions.js';
import type { Member } from '../similarity/metric.js';
import { type Matrix, takeRows, zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import { expectedMax } from './best-cosine.js';

export const controlIds = [
  'decoder.self',
  'decoder.shuffled-copy',
  'decoder.planted-part',
  'activation.self',
] as const;
export type ControlId = (typeof controlIds)[number];

export interface Control {
  readonly id: ControlId;
  readonly expected: number;
  readonly measured: number;
  /** Largest |measured − expected| that passes. */
  readonly tolerance: number;
  readonly passed: boolean;
}

export interface ControlOptions extends WorkOptions {
  /** Names the streams of the permutation, the signs and the planted dictionary. */
  readonly seed: number;
}

/** Unit rows are rounded to float32. */
const rounding = 1e-6;

/** The planted pair of dictionaries: shape, and the part of the rows that both have. */
const planted = { features: 512, width: 64, shared: 0.25 };

/**
 * The mean over the 384 random rows, in both directions, scatters by about 0.002 (SD of one best |cosine|
 * 0.04, over √384): five of that.
 */
const plantedTolerance = 0.01;

/**
 * Runs the controls on a member of the group that is reported. Those that the member cannot have are left out:
 * of a decoder without any direction, of codes that are unknown or never active.
 */
export async function controls(
  member: Member,
  kernel: Kernel,
  { seed, signal }: ControlOptions,
): Promise<Control[]> {
  const options: WorkOptions = signal ? { signal } : {};
  const decoder = member.sae.decoder;
  const against = (a: Matrix, b: Matrix) =>
    directionMax(
      'decoder.max',
      [
        { id: 'a', rows: a },
        { id: 'b', rows: b },
      ],
      kernel,
      options,
    );
  const itself = await against(decoder, decoder);
  const copy = await against(decoder, shuffled(decoder, seed, 'copy'));
  const [one, other] = plantedPair(seed);
  const parts = await against(one, other);
  const { shared, width, features } = planted;
  const chance = shared + (1 - shared) * expectedMax(width, features);
  const codes = await codesAgainstThemselves(member, kernel, options);
  return [
    control('decoder.self', 1, itself?.pairs[0].value, rounding),
    control('decoder.shuffled-copy', 1, copy?.pairs[0].value, rounding),
    control('decoder.planted-part', chance, parts?.pairs[0].value, plantedTolerance),
    control('activation.self', 1, codes?.live?.pairs[0].value, rounding),
  ].flat();
}

function control(
  id: ControlId,
  expected: number,
  measured: number | undefined,
  tolerance: number,
): Control[] {
  if (measured === undefined) return [];
  return [{ id, expected, measured, tolerance, passed: Math.abs(measured - expected) <= tolerance }];
}

async function codesAgainstThemselves(
  { codes }: Member,
  kernel: Kernel,
  options: WorkOptions,
): Promise<ActivationScores | undefined> {
  if (!codes) return undefined;
  return activationScores(
    [
      { id: 'a', codes },
      { id: 'b', codes },
    ],
    kernel,
    options,
  );
}

/** The same rows in another order, each with a random sign. */
function shuffled(rows: Matrix, seed: number, stream: string): Matrix {
  const rng = new Rng(seed, 'control', stream);
  const out = takeRows(rows, rng.permutation(rows.rows));
  for (let i = 0; i < out.rows; i++) {
    const sign = rng.below(2) === 0 ? 1 : -1;
    for (let j = 0; j < out.cols; j++) out.data[i * out.cols + j] *= sign;
  }
  return out;
}

/** Two dictionaries with random rows, the first part of which is the same in both; the second is shuffled. */
function plantedPair(seed: number): [Matrix, Matrix] {
  const { features, width, shared } = planted;
  const [one, other] = ['one', 'other'].map((stream) => {
    const rows = zeros(features, width);
    new Rng(seed, 'control', 'planted', stream).fillNormal(rows.data);
    return rows;
  });
  other.data.set(one.data.subarray(0, shared * features * width));
  return [one, shuffled(other, seed, 'planted')];
}
