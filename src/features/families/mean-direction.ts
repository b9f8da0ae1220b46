// The mean direction of families of features: on the sphere, with signs.
//
// A feature i writes along û = D_i/‖D_i‖. Of a family with signs s_i the mean direction is ŵ = Σ s_i·û_i / ‖Σ s_i·û_i‖ (the extrinsic
// mean on the sphere, Mardia and Jupp 2000, §9.2). As a line has two ends, the family points where most of its members write with
// codes above 0. A member that writes against that is turned: where its codes have signs it fires on the same rows with the other
// sign, and where they have none, on other rows.
import type { Member } from '../../sae/member.js';
import { dModel, hasSignedCodes } from '../../sae/sae.js';
import { type Matrix, row, rowNorms, zeros } from '../../tensor/matrix.js';
import type { Family } from './families.js';

/** [F] by feature: whether its codes are below 0 on the whole; undefined where none can be, or codes are unknown. */
function negativeOn({ codes, sae }: Member): Uint8Array | undefined {
  if (!codes || !hasSignedCodes(sae)) return undefined;
  const sums = new Float64Array(codes.features);
  for (let e = 0; e < codes.indices.length; e++) sums[codes.indices[e]] += codes.values[e];
  return Uint8Array.from(sums, (sum) => (sum < 0 ? 1 : 0));
}

/** Mean directions of families [families × d], where most of their members write with codes above 0. */
export function meanDirections(members: readonly Member[], families: readonly Family[]): Matrix {
  const out = zeros(families.length, dModel(members[0].sae));
  const of = writers(members);
  families.forEach((family, f) => {
    addMeanDirection(out, f, family, of);
  });
  return out;
}

export interface Writer {
  readonly decoder: Matrix;
  readonly norms: Float64Array;
  readonly negative: Uint8Array | undefined;
}

/** What each member writes, for `addMeanDirection`. */
export function writers(members: readonly Member[]): Writer[] {
  return members.map((member) => ({
    decoder: member.sae.decoder,
    norms: rowNorms(member.sae.decoder),
    negative: negativeOn(member),
  }));
}

/** Writes the mean direction to row f; returns by what each member is turned to it, and whether it then fires where that points. */
export function addMeanDirection(out: Matrix, f: number, { members }: Family, of: readonly Writer[]) {
  const codeSign = members.map(({ sae, feature }) => (of[sae].negative?.[feature] === 1 ? -1 : 1));
  const votes = members.reduce((sum, { sign }, m) => sum + sign * codeSign[m], 0);
  const side = votes < 0 ? -1 : 1;
  const turned = members.map(({ sign }) => side * sign);
  const sum = new Float64Array(out.cols);
  members.forEach(({ sae, feature }, m) => {
    const from = row(of[sae].decoder, feature);
    const scale = turned[m] / of[sae].norms[feature];
    for (let t = 0; t < sum.length; t++) sum[t] += scale * from[t];
  });
  // Directions of the same codes may cancel; then there is none.
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0)) || 1;
  const to = row(out, f);
  for (let t = 0; t < sum.length; t++) to[t] = sum[t] / length;
  return { turned, fires: turned.map((sign, m) => sign * codeSign[m] > 0) };
}
