// Planted groups: SAEs that are permuted, noisy copies of one known dictionary, with one artefact at a time.

import type { Member } from '../../src/sae/member.js';
import type { Sae, SaeWeights } from '../../src/sae/sae.js';
import {
  fromDense,
  type Matrix,
  Rng,
  row,
  rowNorms,
  type SparseCodes,
  zeros,
} from '../../src/tensor/index.js';

export interface Planted {
  readonly id: string;
  readonly members: readonly Member[];
  readonly x: Matrix;
}

export interface Plan {
  readonly features?: number;
  readonly width?: number;
  readonly rows?: number;
  /** Rows that differ from each other; the others repeat them. */
  readonly distinct?: number;
  /** Only the first of the true features ever fire; the decoders of the others stay at their start. */
  readonly live?: number;
  /** How far decoder rows go from their start towards the truth; infinite where absent. */
  readonly step?: number;
  /** The codes of each SAE have nothing to do with those of the others. */
  readonly unrelatedCodes?: boolean;
  readonly saes?: number;
  readonly init?: boolean;
}

const activePerRow = 4;

/** A group of SAEs that found the same dictionary, but for what the plan spoils. */
export function planted(plan: Plan = {}): Planted {
  const { features = 64, width = 32, rows = 2000, distinct = rows, live = features, saes = 4 } = plan;
  const truth = directions(new Rng(7, 'truth'), features, width);
  const table = activity(new Rng(7, 'codes'), rows, distinct, features, live);
  const members = Array.from({ length: saes }, (_, s) => {
    const rng = new Rng(7, 'member', s);
    const own = plan.unrelatedCodes ? shuffled(table, rng) : table;
    return copyOf(truth, own, live, plan, rng, s);
  });
  return { id: 'planted', members, x: inputs(table, truth) };
}

function copyOf(
  truth: Matrix,
  table: readonly (readonly number[])[],
  live: number,
  { step = Number.POSITIVE_INFINITY, init = true, distinct }: Plan,
  rng: Rng,
  s: number,
): Member {
  const { rows: features, cols: width } = truth;
  const order = rng.permutation(features);
  const start = directions(rng, features, width);
  const decoder = zeros(features, width);
  order.forEach((source, i) => {
    for (let j = 0; j < width; j++) {
      const learned = truth.data[source * width + j] + 0.03 * rng.normal();
      const from = start.data[i * width + j];
      const moved = step === Number.POSITIVE_INFINITY ? learned : from + step * learned;
      decoder.data[i * width + j] = source < live ? moved : from;
    }
  });
  // Copies of a row must get the same codes, so noise belongs to the feature where rows repeat.
  const gain = Array.from({ length: features }, () => 1 + 0.1 * rng.normal());
  const noise = () => (distinct === undefined ? 1 + 0.1 * rng.normal() : 1);
  const codes = fromDense(
    table.map((values) => Array.from(order, (source, i) => values[source] * gain[i] * noise())),
    features,
  );
  const weights = (rowsOf: Matrix): SaeWeights => ({
    encoder: rowsOf,
    encoderBias: new Float32Array(features),
    decoder: rowsOf,
    decoderBias: new Float32Array(width),
  });
  return {
    id: `s${s}`,
    sae: {
      ...weights(decoder),
      architecture: 'topk',
      activation: { kind: 'topk', k: activePerRow, relu: true },
      subtractDecoderBias: false,
    },
    codes,
    ...(init ? { init: weights(start) } : {}),
  };
}

/** Unit rows, uniform on the sphere. */
function directions(rng: Rng, features: number, width: number): Matrix {
  const out = zeros(features, width);
  rng.fillNormal(out.data);
  rowNorms(out).forEach((norm, i) => {
    const r = row(out, i);
    for (let j = 0; j < width; j++) r[j] /= norm;
  });
  return out;
}

/** Codes [rows][features], four of the first `live` features active in each row. */
function activity(rng: Rng, rows: number, distinct: number, features: number, live: number): number[][] {
  const different = Array.from({ length: distinct }, (_, n) => {
    const values = new Array<number>(features).fill(0);
    // Every live feature gets a row, as long as there are rows enough.
    values[n % live] = 0.5 + rng.uniform();
    for (let a = 1; a < activePerRow; a++) values[rng.below(live)] = 0.5 + rng.uniform();
    return values;
  });
  return Array.from({ length: rows }, (_, n) => different[n % distinct]);
}

function shuffled(table: readonly number[][], rng: Rng): number[][] {
  return Array.from(rng.permutation(table.length), (n) => table[n]);
}

function inputs(table: readonly (readonly number[])[], truth: Matrix): Matrix {
  const x = zeros(table.length, truth.cols);
  table.forEach((values, n) => {
    values.forEach((value, i) => {
      if (value === 0) return;
      for (let j = 0; j < truth.cols; j++)
        x.data[n * truth.cols + j] += value * truth.data[i * truth.cols + j];
    });
  });
  return x;
}

/** The same member with its features in another order. */
export function reordered(member: Member, order: Int32Array): Member {
  const sae: Sae = { ...member.sae, ...reorderedWeights(member.sae, order) };
  return {
    id: member.id,
    sae,
    ...(member.init ? { init: reorderedWeights(member.init, order) } : {}),
    ...(member.codes ? { codes: reorderedCodes(member.codes, order) } : {}),
  };
}

function reorderedWeights(weights: SaeWeights, order: Int32Array): SaeWeights {
  const take = (m: Matrix) => {
    const out = zeros(m.rows, m.cols);
    order.forEach((from, i) => {
      row(out, i).set(row(m, from));
    });
    return out;
  };
  return {
    encoder: take(weights.encoder),
    encoderBias: Float32Array.from(order, (from) => weights.encoderBias[from]),
    decoder: take(weights.decoder),
    decoderBias: weights.decoderBias,
  };
}

function reorderedCodes(codes: SparseCodes, order: Int32Array): SparseCodes {
  const table = Array.from({ length: codes.rows }, (_, n) => {
    const values = new Array<number>(codes.features).fill(0);
    for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) values[codes.indices[e]] = codes.values[e];
    return Array.from(order, (from) => values[from]);
  });
  return fromDense(table, codes.features);
}
