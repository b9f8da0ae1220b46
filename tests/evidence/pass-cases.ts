// What tests of the pass over activations have in common: rows of 12 values, and SAEs of several kinds that read them.
import type { ActivationRows } from '../../src/activations/activation-rows.js';
import type { PassMember } from '../../src/evidence/activation-pass.js';
import type { Activation, Sae } from '../../src/sae/sae.js';
import { type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { kernelMakers } from '../contracts/every-kernel.js';

export const d = 12;

export function normal(rows: number, cols: number, name: string, scale = 1): Matrix {
  const out = zeros(rows, cols);
  new Rng(3, 'pass', name).fillNormal(out.data);
  for (let e = 0; e < out.data.length; e++) out.data[e] *= scale;
  return out;
}

export function sae(features: number, name: string, more: Partial<Sae> = {}): Sae {
  const bias = normal(1, d, `${name} bias`, 0.1).data;
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k: 4, relu: true },
    subtractDecoderBias: true,
    encoder: normal(features, d, `${name} encoder`, 0.3),
    encoderBias: normal(1, features, `${name} encoder bias`, 0.1).data,
    decoder: normal(features, d, `${name} decoder`, 0.3),
    decoderBias: bias,
    ...more,
  };
}

/** Rows that vary around a point far from 0, some of them twice. */
export function someRows(rows: number): Matrix {
  const x = normal(rows, d, 'x');
  for (let e = 0; e < x.data.length; e++) x.data[e] += 5 * (e % d);
  for (let n = 7; n < rows; n += 7) x.data.copyWithin(n * d, (n - 7) * d, (n - 6) * d);
  return x;
}

const relu: Activation = { kind: 'relu' };
export const kinds: readonly PassMember[] = [
  { id: 'topk', sae: sae(32, 'a'), untrained: sae(32, 'b') },
  { id: 'relu', sae: sae(20, 'c', { activation: relu }) },
  { id: 'normed', sae: sae(16, 'd', { inputNorm: 'layer-norm' }) },
  { id: 'skips', sae: sae(16, 'e', { skip: normal(d, d, 'skip', 0.1) }) },
];

/** The portable kernel, and the native one where it was built. */
export const makers = [kernelMakers[0], kernelMakers[1] ?? kernelMakers[0]];

/** Many rows whose first reading fails with `enough`, after it has noted the row that it was asked up to. */
export function readOnce(width: number, asked: number[]): ActivationRows {
  return {
    rows: 100_000,
    cols: width,
    read: async (_, to) => {
      asked.push(to);
      throw new Error('enough');
    },
    close: async () => {},
  };
}
