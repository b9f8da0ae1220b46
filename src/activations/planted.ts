// Activations from a planted dictionary: worlds whose true features are known, and known to be shared in part.
//
// A world has n true features, unit rows of a dictionary A [n×d], and rows x = Σ_i z_i A_i + ε. Codes z are 0 or uniform
// on [½, 1½); ε is normal with E‖ε‖² = noise²·E‖Σ z_i A_i‖² for features at right angles.
//
// What it is for: a score that says how much two SAEs agree is put to the test where the right answer is known. Worlds of
// one plan share their first s = round(overlap·n) features and have the others to themselves, so whoever learns a world
// whole agrees with whoever learns another in the share s/n of the features, of directions and of codes alike:
//   - A shared feature has the same direction in every world, and the same code on row r of every world.
//   - An own feature is drawn anew in each world: its direction, the rows it fires on and its codes.
//   - Noise has the correlation √overlap·√overlap = overlap between worlds.
// So overlap 1 is one world, the same to the bit for all, as when SAEs differ by their seeds alone; overlap 0 is worlds
// that have nothing in common but how often features fire. It is as if each SAE read its own model of the same text. Row r
// goes with row r, so each SAE is encoded on its own world's rows and the codes are compared row by row. What is
// shared at a smaller overlap is shared at a larger one, and how often a feature fires is drawn apart from what is shared.
//
// Firing: `exactly` k a row (an exponential race: the k smallest of e_i/w_i, e_i standard exponential; of these the
// shared ones are common to all worlds, and a world's own features race again for the places that are left), or
// `independent` (feature i fires with probability p_i, Σ p_i = k). w_i and p_i go as rank^−zipf, ranks in random order.
// Sources: sparse generative model, Olshausen & Field 1997; planted features for SAEs, Sharkey et al. 2022 and Song et
// al. 2025; the race, Efraimidis & Spirakis 2006.
import { ReseedError } from '../errors.js';
import { type Matrix, row, zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { plantedCodes } from './planted-codes.js';

/** Raised when the worlds of the same plan and seed change. */
export const plantedVersion = 1;

export interface PlantedPlan {
  /** n, true features of a world */
  readonly features: number;
  /** d */
  readonly dModel: number;
  /** N */
  readonly rows: number;
  /** k, true features that fire on a row: so many, or so many on average */
  readonly active: number;
  readonly firing: 'exactly' | 'independent';
  /** Exponent of how often features fire, by rank; 0: all equally often. */
  readonly zipf: number;
  /** Length of the noise over that of the signal, root mean square; 0: none. */
  readonly noise: number;
  /** Share of the true features that all worlds have in common, 0 … 1. */
  readonly overlap: number;
  readonly seed: number;
}

export interface PlantedWorld {
  /** [n×d] true features, at length 1; the first `shared` of them stand in every world of the plan */
  readonly dictionary: Matrix;
  readonly shared: number;
  /** [N×n] */
  readonly codes: SparseCodes;
  /** [N×d] */
  readonly x: Matrix;
}

/** E z² of a code that is not 0. */
const meanSquare = 13 / 12;

/**
 * World number `world` of the plan; the numbers name worlds and say nothing else.
 * @throws usage.argument for a plan that cannot be
 */
export function plantedWorld(plan: PlantedPlan, world: number): PlantedWorld {
  requirePlan(plan);
  const shared = sharedFeatures(plan);
  const dictionary = plantedDictionary(plan, world);
  const codes = plantedCodes({ ...plan, shared }, world);
  const x = mixed(codes, dictionary);
  addNoise(x, plan, world);
  return { dictionary, shared, codes, x };
}

/** How many features all worlds have in common. */
export function sharedFeatures({ features, overlap }: PlantedPlan): number {
  return Math.round(overlap * features);
}

/** The true features of a world alone [n×d]. @throws usage.argument for a plan that cannot be */
export function plantedDictionary(plan: PlantedPlan, world: number): Matrix {
  requirePlan(plan);
  const { features, dModel, seed } = plan;
  const out = directions(features, dModel, new Rng(seed, 'planted', 'dictionary'));
  const shared = sharedFeatures(plan);
  if (shared < features) {
    const own = directions(features, dModel, new Rng(seed, 'planted', 'dictionary', 'of', world));
    out.data.set(own.data.subarray(shared * dModel), shared * dModel);
  }
  return out;
}

/** Unit rows, uniform on the sphere. */
function directions(features: number, d: number, rng: Rng): Matrix {
  const out = zeros(features, d);
  const drawn = new Float64Array(d);
  for (let i = 0; i < features; i++) {
    let squares = 0;
    for (let j = 0; j < d; j++) {
      drawn[j] = rng.normal();
      squares += drawn[j] ** 2;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let j = 0; j < d; j++) out.data[i * d + j] = drawn[j] * scale;
  }
  return out;
}

/** Σ_i z_i A_i for every row, in float64. */
function mixed(codes: SparseCodes, dictionary: Matrix): Matrix {
  const out = zeros(codes.rows, dictionary.cols);
  const sum = new Float64Array(dictionary.cols);
  for (let n = 0; n < codes.rows; n++) {
    sum.fill(0);
    for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
      const feature = row(dictionary, codes.indices[e]);
      for (let j = 0; j < sum.length; j++) sum[j] += codes.values[e] * feature[j];
    }
    out.data.set(sum, n * dictionary.cols);
  }
  return out;
}

function addNoise(x: Matrix, plan: PlantedPlan, world: number): void {
  const { noise, active, dModel, overlap, seed } = plan;
  if (noise === 0) return;
  const sd = noise * Math.sqrt((active * meanSquare) / dModel);
  const parts = [
    { scale: sd * Math.sqrt(overlap), rng: new Rng(seed, 'planted', 'noise') },
    { scale: sd * Math.sqrt(1 - overlap), rng: new Rng(seed, 'planted', 'noise', 'of', world) },
  ];
  for (const { scale, rng } of parts) {
    if (scale === 0) continue;
    for (let e = 0; e < x.data.length; e++) x.data[e] += scale * rng.normal();
  }
}

/** @throws usage.argument for a plan that cannot be */
export function requirePlan(plan: PlantedPlan): void {
  const { features, dModel, rows, active, zipf, noise, overlap } = plan;
  const counts = { features, dModel, rows };
  for (const [field, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) refuse(field, value, 'a whole number ≥ 1');
  }
  if (!(active > 0 && active <= features)) refuse('active', active, `above 0, at most ${features} features`);
  if (plan.firing === 'exactly' && !Number.isInteger(active)) refuse('active', active, 'a whole number');
  if (!(zipf >= 0 && Number.isFinite(zipf))) refuse('zipf', zipf, '≥ 0');
  if (!(noise >= 0 && Number.isFinite(noise))) refuse('noise', noise, '≥ 0');
  if (!(overlap >= 0 && overlap <= 1)) refuse('overlap', overlap, '0 … 1');
}

function refuse(field: string, found: number, expected: string): never {
  throw new ReseedError('usage.argument', 'no such planted world', { field, found: String(found), expected });
}
