// TopK of one group of features alone, which a router chooses for each row (HUSAI's routed_topk).
//
// e = argmax_e R_e·x + r_e, ties to the lower; group e is features that follow each other, of F/E of them, and one more in the
// first F mod E groups. The k largest of the group, at most as many as the smallest one has; or the k largest of all, of which
// those of the group stay. Not passed through ReLU.
// Source: HUSAI, scripts/experiments/run_routed_frontier_external.py (expert_topk and global_mask).
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { dot, type Matrix, row, sharedFloat32, sharedInt32, takeRows } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { type Activation, dSae, kernelWeights, type Sae } from './sae.js';

type Routed = Extract<Activation, { kind: 'routed' }>;

/** Codes [N×F] of X [N×d], its input norm taken off already. @throws input.shape, input.non-finite; internal.cancelled */
export async function encodeRouted(
  sae: Sae,
  { k, router, routerBias, within }: Routed,
  x: Matrix,
  kernel: Kernel,
  options?: WorkOptions,
): Promise<SparseCodes> {
  const features = dSae(sae);
  const bounds = groupBounds(features, router.rows);
  const routes = Int32Array.from({ length: x.rows }, (_, n) => routeOf(row(x, n), router, routerBias));
  const { subtractDecoderBias } = sae;
  if (!within) {
    const all = { k, relu: false, subtractDecoderBias };
    const codes = await kernel.encodeTopK(kernelWeights(sae), x, all, options);
    return gathered(x.rows, features, (n) => {
      const [from, to] = [bounds[routes[n]], bounds[routes[n] + 1]];
      return entriesOf(codes, n).filter(([feature]) => feature >= from && feature < to);
    });
  }
  const smallest = Math.floor(features / router.rows);
  const chosen = { k: Math.min(k, smallest), relu: false, subtractDecoderBias };
  const rows: [number, number][][] = [];
  for (let group = 0; group < router.rows; group++) {
    const own = Int32Array.from(routes.keys()).filter((n) => routes[n] === group);
    if (own.length === 0) continue;
    const [from, to] = [bounds[group], bounds[group + 1]];
    const codes = await kernel.encodeTopK(groupWeights(sae, from, to), takeRows(x, own), chosen, options);
    own.forEach((n, i) => {
      rows[n] = entriesOf(codes, i).map(([feature, value]) => [feature + from, value]);
    });
  }
  return gathered(x.rows, features, (n) => rows[n]);
}

function routeOf(x: Float32Array, router: Matrix, bias: Float32Array): number {
  const scores = Float64Array.from(bias, (value, e) => value + dot(row(router, e), x));
  return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
}

/** Where each group begins, and the end. */
function groupBounds(features: number, groups: number): Int32Array {
  const [least, more] = [Math.floor(features / groups), features % groups];
  return Int32Array.from({ length: groups + 1 }, (_, e) => e * least + Math.min(e, more));
}

function groupWeights({ encoder, encoderBias, decoder, decoderBias }: Sae, from: number, to: number) {
  return {
    encoder: encoder.data.subarray(from * encoder.cols, to * encoder.cols),
    encoderBias: encoderBias.subarray(from, to),
    decoder: decoder.data.subarray(from * decoder.cols, to * decoder.cols),
    decoderBias,
  };
}

function entriesOf({ offsets, indices, values }: SparseCodes, n: number): [number, number][] {
  const entries: [number, number][] = [];
  for (let e = offsets[n]; e < offsets[n + 1]; e++) entries.push([indices[e], values[e]]);
  return entries;
}

function gathered(rows: number, features: number, entries: (n: number) => [number, number][]): SparseCodes {
  const all = Array.from({ length: rows }, (_, n) => entries(n));
  const total = all.reduce((sum, one) => sum + one.length, 0);
  const [offsets, indices, values] = [sharedInt32(rows + 1), sharedInt32(total), sharedFloat32(total)];
  let at = 0;
  all.forEach((one, n) => {
    for (const [feature, value] of one) {
      indices[at] = feature;
      values[at++] = value;
    }
    offsets[n + 1] = at;
  });
  return { rows, features, offsets, indices, values };
}
