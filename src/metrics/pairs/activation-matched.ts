// activation.matched.live: mean cosine over the best one-to-one assignment of the code columns of live features.
//
// c_ij = Σ_n a_ni·b_nj / (‖a_·i‖·‖b_·j‖) over the rows of the data, not centred, signed; score = (1/P) Σ c(i, π(i)) over
// the P = min(F, G) pairs of the assignment with the largest sum. The columns are as long as the data, but sparse: so
// all cosines of a pair are made first, from the rows on which both features fire, and then assigned. The kernel
// takes them as products: each row of the table with the rows of an identity matrix.
import type { Kernel } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { type Matrix, zeros } from '../../tensor/matrix.js';
import { liveFeatures, type SparseCodes, transposeCodes } from '../../tensor/sparse-codes.js';
import { codesOf, requireSameRows } from './activation.js';
import {
  type MatchedOptions,
  type MatchedScores,
  type SolvedAssignment,
  scoreAssignments,
  solved,
} from './matched.js';

export interface ActivationMatchedOptions extends Omit<MatchedOptions, 'absolute'> {
  /** Bytes for the cosines of a pair, and as much again for the solver; 64 MiB by default. */
  readonly memory?: number;
}

/**
 * Undefined where some member has no codes or no live feature, or where the cosines of a pair would take more than
 * `memory`: 4·min(F, G)·(F + G) bytes for F and G live features, so above some 2,900 with the default. Time grows with
 * min(F, G)·F·G: at the default a pair takes seconds, and a null over pairs and draws minutes.
 * @throws input.shape when the codes are not of the same rows
 */
export async function activationMatched(
  members: readonly Member[],
  kernel: Kernel,
  { memory = 2 ** 26, signal, remember = (_, solve) => solve() }: ActivationMatchedOptions = {},
): Promise<MatchedScores | undefined> {
  const group = codesOf(members);
  if (!group) return undefined;
  requireSameRows(group);
  const sides = group.map(({ id, codes }) => ({ id, features: liveFeatures(codes), leftOut: 0 }));
  const counts = sides.map(({ features }) => features.length).sort((a, b) => a - b);
  const [f, g] = [counts.at(-2) ?? 0, counts.at(-1) ?? 0];
  if (4 * f * (f + g) > memory) return undefined;
  const work = { memory, ...(signal ? { signal } : {}) };
  const solve = async (i: number, j: number): Promise<SolvedAssignment> => {
    const [wide, narrow] = sides[i].features.length < sides[j].features.length ? [j, i] : [i, j];
    const table = cosines(group[wide].codes, group[narrow].codes);
    const unit = identity(table.cols);
    return solved(await (wide === i ? kernel.assign(table, unit, work) : kernel.assign(unit, table, work)));
  };
  return scoreAssignments(
    'activation.matched.live',
    sides,
    (i, j) => remember(`${i}-${j}`, () => solve(i, j)),
    { signal },
  );
}

/** Cosines [F × G] between the live columns of A and those of B, summed in float64, one row at a time. */
function cosines(a: SparseCodes, b: SparseCodes): Matrix {
  const columns = transposeCodes(a);
  const [ofA, ofB] = [liveFeatures(a), liveFeatures(b)];
  const [normsA, normsB] = [columnNorms(a), columnNorms(b)];
  const out = zeros(ofA.length, ofB.length);
  const sums = new Float64Array(b.features);
  ofA.forEach((feature, i) => {
    sums.fill(0);
    for (let s = columns.offsets[feature]; s < columns.offsets[feature + 1]; s++) {
      const code = columns.values[s];
      const n = columns.indices[s];
      for (let e = b.offsets[n]; e < b.offsets[n + 1]; e++) sums[b.indices[e]] += code * b.values[e];
    }
    ofB.forEach((other, j) => {
      out.data[i * ofB.length + j] = sums[other] / (normsA[feature] * normsB[other]);
    });
  });
  return out;
}

/** Euclidean norm of every code column [features]. */
function columnNorms(codes: SparseCodes): Float64Array {
  const squares = new Float64Array(codes.features);
  for (let e = 0; e < codes.indices.length; e++) squares[codes.indices[e]] += codes.values[e] ** 2;
  return squares.map(Math.sqrt);
}

function identity(n: number): Matrix {
  const out = zeros(n, n);
  for (let i = 0; i < n; i++) out.data[i * n + i] = 1;
  return out;
}
