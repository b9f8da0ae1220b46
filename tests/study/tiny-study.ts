// A study small enough for a test: an untrained one-layer transformer that adds modulo 11, two sites.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTransformer, initTransformer } from '../../src/activations/transformer/index.js';

export interface TinyStudy {
  readonly folder: string;
  readonly file: string;
  readonly out: string;
}

/** Writes model and study file to a fresh folder. `changes` replace parts of the text. */
export async function tinyStudy(changes: readonly [string, string][] = []): Promise<TinyStudy> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-'));
  const model = initTransformer({ modulus: 11, layers: 1, dModel: 16, heads: 2, dMlp: 32 }, 0);
  await writeFile(join(folder, 'model.safetensors'), encodeTransformer(model));
  const text = changes.reduce((all, [from, to]) => all.replace(from, to), studyText(folder));
  await writeFile(join(folder, 'study.yaml'), text);
  return { folder, file: join(folder, 'study.yaml'), out: join(folder, 'out') };
}

function studyText(folder: string): string {
  return `name: tiny
activations:
  transformer: ${join(folder, 'model.safetensors')}
  layers: [0]
  sites: [plus, equals]
sae: { architecture: topk, dSae: 48, k: 4 }
training: { recipe: plain, epochs: 40, batchSize: 16, learningRate: 0.003 }
seeds: { init: [1, 2, 3] }
analysis: { draws: 3 }
quick: { epochs: 2 }
claims:
  - id: dead
    text: no feature is dead
    published: 0
    tolerance: 0
    measure: { group: layer0.plus, sae: usage.deadByNorm, statistic: max }
    refutedBy: [usage.norm-is-not-usage]
`;
}
