// SAEs with a known shared part, in memory and on disk, and activations that use it.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import type { Sae } from '../../src/sae/sae.js';
import { encodeSaelens, saelensFiles } from '../../src/sae/sources/saelens-write.js';
import { type Matrix, Rng, sharedFloat32, takeRows, unitRows, zeros } from '../../src/tensor/index.js';

export interface Planted {
  readonly d: number;
  readonly features: number;
  /** Rows that all SAEs have in common, up to noise; the rest is random. */
  readonly shared: number;
}

export const planted: Planted = { d: 16, features: 48, shared: 24 };

/**
 * SAE number `n`: some rows are shared with all others, of number 0 the first ones. Those of the others stand in another
 * order, as rows of independent runs do. Encoder and decoder rows are equal, and of length 1.
 */
export function plantedSae(n: number, { d, features, shared }: Planted = planted): Sae {
  const own = zeros(features, d);
  new Rng(7, 'own', n).fillNormal(own.data);
  const common = zeros(shared, d);
  new Rng(7, 'common').fillNormal(common.data);
  own.data.set(common.data);
  const { unit } = unitRows(own);
  const rows = n === 0 ? unit : takeRows(unit, new Rng(7, 'order', n).permutation(features));
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k: 3, relu: true },
    subtractDecoderBias: true,
    encoder: rows,
    encoderBias: sharedFloat32(features),
    decoder: { ...rows, data: rows.data.slice() },
    decoderBias: sharedFloat32(d),
  };
}

/** Activations [N×d]: sums of three of the first SAE's rows. */
export function plantedActivations(n = 400): Matrix {
  const { decoder } = plantedSae(0);
  const x = zeros(n, decoder.cols);
  const rng = new Rng(7, 'rows');
  for (let i = 0; i < n; i++) {
    for (let part = 0; part < 3; part++) {
      const at = rng.below(decoder.rows) * decoder.cols;
      const size = 0.5 + rng.uniform();
      for (let j = 0; j < decoder.cols; j++) x.data[i * decoder.cols + j] += size * decoder.data[at + j];
    }
  }
  return x;
}

/** An SAE with some entries changed; its arrays are its own. */
export function changed(sae: Sae, change: (sae: Sae) => void): Sae {
  const copy = structuredClone(sae);
  change(copy);
  return copy;
}

export async function writeSae(folder: string, sae: Sae, hook = 'blocks.1.hook_resid_post'): Promise<string> {
  const { weights, config } = encodeSaelens(sae, hook);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, saelensFiles.weights), weights);
  await writeFile(join(folder, saelensFiles.config), config);
  return folder;
}

export interface OnDisk {
  readonly folder: string;
  readonly saes: readonly string[];
  readonly activations: string;
}

/** `count` SAEs and the activations in a fresh folder. */
export async function plantedFiles(count = 3): Promise<OnDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-compare-'));
  const saes: string[] = [];
  for (let n = 0; n < count; n++) saes.push(await writeSae(join(folder, `seed${n}`), plantedSae(n)));
  const activations = join(folder, 'x.safetensors');
  await writeActivations(activations, plantedActivations());
  return { folder, saes, activations };
}

export async function writeActivations(file: string, { rows, cols, data }: Matrix): Promise<string> {
  await writeFile(file, encodeSafetensors({ x: { shape: [rows, cols], data } }));
  return file;
}
