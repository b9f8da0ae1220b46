// SAEs that know a planted world in part: encoder and decoder are true features, off by noise, and others of their own.
import { type PlantedPlan, plantedWorld } from '../../src/activations/planted.js';
import type { ComparedSae } from '../../src/compare/compare.js';
import type { Sae } from '../../src/sae/sae.js';
import { type Matrix, Rng, row, sharedFloat32, zeros } from '../../src/tensor/index.js';

export interface KnownWorld {
  readonly saes: ComparedSae[];
  readonly x: Matrix;
  /** [SAE][feature] the true feature that it is, −1 for none */
  readonly truth: readonly Int32Array[];
}

const plan: PlantedPlan = {
  features: 48,
  dModel: 32,
  rows: 1500,
  active: 4,
  firing: 'exactly',
  zipf: 0.5,
  noise: 0.05,
  overlap: 1,
  seed: 1,
};

/** @param known true features of each SAE, at random of all @param own features besides, that are none */
export function knownWorld(n: number, known = 36, own = 12, change: Partial<Sae> = {}): KnownWorld {
  const world = plantedWorld(plan, 0);
  const truth: Int32Array[] = [];
  const saes = Array.from({ length: n }, (_, s) => {
    const rng = new Rng(s, 'known world');
    const features = known + own;
    const chosen = Array.from(rng.permutation(plan.features).subarray(0, known));
    const decoder = zeros(features, plan.dModel);
    const encoder = zeros(features, plan.dModel);
    truth.push(Int32Array.from({ length: features }, (__, i) => chosen[i] ?? -1));
    for (let i = 0; i < features; i++) {
      const feature = chosen[i];
      const to = row(decoder, i);
      for (let t = 0; t < to.length; t++) {
        to[t] =
          feature === undefined ? rng.normal() : row(world.dictionary, feature)[t] + 0.03 * rng.normal();
      }
      const length = Math.hypot(...to);
      // Decoder rows of several lengths, with encoders that make up for it.
      const scale = 0.5 + rng.uniform();
      for (let t = 0; t < to.length; t++) {
        row(encoder, i)[t] = to[t] / length / scale;
        to[t] *= scale / length;
      }
    }
    const sae: Sae = {
      architecture: 'topk',
      activation: { kind: 'topk', k: 4, relu: true },
      subtractDecoderBias: s % 2 === 0,
      encoder,
      encoderBias: sharedFloat32(features),
      decoder,
      decoderBias: sharedFloat32(plan.dModel).fill(0.01 * s),
      ...change,
    };
    return { id: `sae-${s}`, sae };
  });
  return { saes, x: world.x, truth };
}
