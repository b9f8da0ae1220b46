// What the features without a family are: dead, where they began, rare, composed of stable ones, or turning within a subspace.
//
//   dead       fires on no row of the activations
//   at-start   |cosine| ≥ 0.9 with its row before training
//   rare       fires on fewer rows than 95 of 100 features of its SAE that have a family
//   composed   three mean directions of families, chosen one by one (orthogonal matching pursuit, Pati, Rezaiifar and Krishnaprasad
//              1993), make up a larger share R² of its direction than of 95 of 100 directions with the second moment of the SAE's
//   rotating   a larger share ‖Uû‖² of its direction lies in U than of 95 of 100 features of its SAE that have a family; U [R×d] the R
//              directions that the features without a family of the other SAEs use most (R = 32, at most d/4)
// So by chance the last three hold of 5 % each; of the first two the share of the features that have a family stands beside. A feature
// may be several. Of each SAE 1024 features without a family are looked at, evenly from all, and as many of the others.
// Whether all of a rest lies in a subspace that comes back says `inSubspace`: the mean of ‖Uû‖², beside that of features that have a
// family, and R/d, that of directions anywhere.
import { throwIfCancelled } from '../../errors.js';
import { initCosines } from '../../evidence/init-cosine.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { crowdOfRows, drawOnAxes, inSpace } from '../../metrics/draws/crowd.js';
import type { RestKind } from '../../results/consensus-result.js';
import { firingOf, type Member } from '../../sae/member.js';
import { mean } from '../../stats/summary.js';
import { dot, type Matrix, row, rowNorms, takeRows, unitRows, zeros } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';
import type { Families } from './families.js';

export interface RestShare {
  readonly kind: RestKind;
  /** Features without a family that were looked at, of all SAEs. */
  readonly features: number;
  readonly share: number;
  /** By chance; of `dead` and `at-start` the share of the features that have a family. */
  readonly chance: number;
}

export interface Rest {
  /** Features that have a direction, and those of them without a family, of all SAEs. */
  readonly features: number;
  readonly without: number;
  /** Those that can be told: `dead` and `rare` with activations, `at-start` where that is known. */
  readonly shares: readonly RestShare[];
  /** Mean share of a direction that lies in the subspace of the rest of the other SAEs. */
  readonly inSubspace?: {
    readonly dimensions: number;
    readonly rest: number;
    readonly families: number;
    readonly sphere: number;
  };
}

export interface RestOptions extends WorkOptions {
  /** Of the directions that are drawn. */
  readonly seed: number;
}

const looked = 1024;
/** Features that tell the second moment. */
const crowdRows = 16_384;
const parts = 3;
const level = 0.05;
const started = 0.9;
const subspaceOf = { dimensions: 32, atMost: 1 / 4 };
/** Fewer features say nothing of a quantile of 5 %. */
const few = 20;

/** A feature of which SAE is in no family; the others. */
interface Sides {
  readonly member: Member;
  readonly with: Int32Array;
  readonly without: Int32Array;
  /** Those of `without` that fire, where that is known. */
  readonly live: Int32Array;
}

/** @param directions mean directions of the families [families × d] */
export async function restOf(
  members: readonly Member[],
  { families }: Families,
  directions: Matrix,
  kernel: Kernel,
  { seed, ...work }: RestOptions,
): Promise<Rest> {
  const sides = members.map((member, s): Sides => {
    const norms = rowNorms(member.sae.decoder);
    const kept = Int32Array.from(norms.keys()).filter((feature) => norms[feature] > 0);
    const inFamily = new Set(
      families.flatMap(({ members: own }) => own.flatMap((one) => (one.sae === s ? [one.feature] : []))),
    );
    const counts = firingOf(member)?.counts;
    const without = kept.filter((feature) => !inFamily.has(feature));
    return {
      member,
      with: kept.filter((feature) => inFamily.has(feature)),
      without,
      live: counts ? without.filter((feature) => counts[feature] > 0) : without,
    };
  });
  const total = (of: (side: Sides) => number) => sides.reduce((sum, side) => sum + of(side), 0);
  const composed = await composedShare(sides, directions, kernel, seed, work);
  const rotating = await rotatingShare(sides, kernel, work);
  return {
    features: total((side) => side.with.length + side.without.length),
    without: total((side) => side.without.length),
    shares: [
      ...deadShare(sides),
      ...startShare(sides),
      ...rareShare(sides),
      ...(composed ? [composed] : []),
      ...(rotating ? [rotating.share] : []),
    ],
    ...(rotating ? { inSubspace: rotating.inSubspace } : {}),
  };
}

/** @param found of each feature that was looked at, whether it holds */
function shareOf(kind: RestKind, found: readonly boolean[], chance: number): RestShare[] {
  if (found.length === 0) return [];
  return [{ kind, features: found.length, share: found.filter(Boolean).length / found.length, chance }];
}

function deadShare(sides: readonly Sides[]): RestShare[] {
  if (sides.some(({ member }) => !firingOf(member))) return [];
  const dead = (features: 'with' | 'without') =>
    sides.flatMap((side) =>
      Array.from(side[features], (feature) => firingOf(side.member)!.counts[feature] === 0),
    );
  return shareOf('dead', dead('without'), 0);
}

function startShare(sides: readonly Sides[]): RestShare[] {
  const still = (features: 'with' | 'without') =>
    sides.flatMap((side) => {
      const known = initCosines(side.member);
      if (!known) return [];
      const cosineOf = new Map(Array.from(known.features, (feature, at) => [feature, known.cosines[at]]));
      return Array.from(side[features], (feature) => Math.abs(cosineOf.get(feature) ?? 0) >= started);
    });
  const [of, others] = [still('without'), still('with')];
  return shareOf('at-start', of, others.filter(Boolean).length / Math.max(1, others.length));
}

function rareShare(sides: readonly Sides[]): RestShare[] {
  const rare = sides.flatMap(({ member, with: known, live }) => {
    const counts = firingOf(member)?.counts;
    if (!counts || known.length < few) return [];
    const bound = quantile(
      Array.from(known, (feature) => counts[feature]),
      level,
    );
    return Array.from(live, (feature) => counts[feature] < bound);
  });
  return shareOf('rare', rare, level);
}

async function composedShare(
  sides: readonly Sides[],
  directions: Matrix,
  kernel: Kernel,
  seed: number,
  work: WorkOptions,
): Promise<RestShare | undefined> {
  if (directions.rows < few) return undefined;
  const found: boolean[] = [];
  for (const { member, live } of sides) {
    throwIfCancelled(work.signal);
    if (live.length === 0) continue;
    // Of very many features enough for the second moment.
    const all = Int32Array.from({ length: member.sae.decoder.rows }, (_, i) => i);
    const some = evenly(all, crowdRows);
    const crowd = await crowdOfRows(unitRows(takeRows(member.sae.decoder, some)).unit, kernel, work);
    const drawn = drawOnAxes(crowd, looked, new Rng(seed, 'consensus', 'composed', member.id));
    const chance = await pursued(await inSpace(drawn, crowd, kernel, work), directions, kernel, work);
    const bound = quantile([...chance], 1 - level);
    const rest = unitRows(takeRows(member.sae.decoder, evenly(live, looked))).unit;
    for (const share of await pursued(rest, directions, kernel, work)) found.push(share > bound);
  }
  return shareOf('composed', found, level)[0];
}

/** R² of each unit row [n] by `parts` of the directions, each the one that is nearest to what is left. */
async function pursued(
  rows: Matrix,
  directions: Matrix,
  kernel: Kernel,
  work: WorkOptions,
): Promise<Float64Array> {
  const left = zeros(rows.rows, rows.cols);
  left.data.set(rows.data);
  const bases: Float64Array[][] = Array.from({ length: rows.rows }, () => []);
  for (let part = 0; part < Math.min(parts, directions.rows); part++) {
    const { index } = await kernel.nearest(left, directions, 1, { absolute: true, ...work });
    for (let i = 0; i < rows.rows; i++) {
      const next = Float64Array.from(row(directions, index[i]));
      for (const base of bases[i]) addTo(next, base, -product(base, next));
      const length = Math.sqrt(product(next, next));
      // What is chosen twice adds nothing.
      if (length < 1e-6) continue;
      for (let t = 0; t < next.length; t++) next[t] /= length;
      const own = row(left, i);
      const along = product(next, own);
      for (let t = 0; t < own.length; t++) own[t] -= along * next[t];
      bases[i].push(next);
    }
  }
  return Float64Array.from({ length: rows.rows }, (_, i) => 1 - dot(row(left, i), row(left, i)));
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[t];
  return sum;
}

function addTo(to: Float64Array, other: Float64Array, times: number): void {
  for (let t = 0; t < to.length; t++) to[t] += times * other[t];
}

async function rotatingShare(sides: readonly Sides[], kernel: Kernel, work: WorkOptions) {
  const d = sides[0].member.sae.decoder.cols;
  const dimensions = Math.min(subspaceOf.dimensions, Math.floor(d * subspaceOf.atMost));
  if (dimensions === 0) return undefined;
  const found: boolean[] = [];
  const [ofRest, ofFamilies]: number[][] = [[], []];
  const rests = sides.map(
    ({ member, live }) => unitRows(takeRows(member.sae.decoder, evenly(live, looked))).unit,
  );
  for (const [s, { member, with: known }] of sides.entries()) {
    throwIfCancelled(work.signal);
    const others = stacked(
      rests.filter((_, other) => other !== s),
      d,
    );
    if (known.length < few || others.rows < 2 * dimensions || rests[s].rows === 0) continue;
    const { vectors } = await kernel.topSubspace(others, dimensions, work);
    const stable = unitRows(takeRows(member.sae.decoder, evenly(known, looked))).unit;
    const families = inSpan(stable, vectors);
    const rest = inSpan(rests[s], vectors);
    const bound = quantile(families, 1 - level);
    found.push(...rest.map((share) => share > bound));
    ofRest.push(mean(rest));
    ofFamilies.push(mean(families));
  }
  const [share] = shareOf('rotating', found, level);
  if (!share) return undefined;
  const inSubspace = {
    dimensions,
    rest: mean(ofRest),
    families: mean(ofFamilies),
    sphere: dimensions / d,
  };
  return { share, inSubspace };
}

/** ‖Uû‖² of each unit row. @param vectors [R × d] orthonormal */
function inSpan(rows: Matrix, vectors: Float64Array): number[] {
  return Array.from({ length: rows.rows }, (_, i) => {
    let sum = 0;
    for (let at = 0; at < vectors.length; at += rows.cols) {
      sum += product(row(rows, i), vectors.subarray(at, at + rows.cols)) ** 2;
    }
    return sum;
  });
}

function stacked(all: readonly Matrix[], d: number): Matrix {
  const out = zeros(
    all.reduce((sum, { rows }) => sum + rows, 0),
    d,
  );
  let at = 0;
  for (const { data } of all) {
    out.data.set(data, at);
    at += data.length;
  }
  return out;
}

/** So many of them at the most, evenly from all. */
function evenly(features: Int32Array, most: number): Int32Array {
  if (features.length <= most) return features;
  return Int32Array.from({ length: most }, (_, n) => features[Math.floor((n * features.length) / most)]);
}

/** The value below which this share of them lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
