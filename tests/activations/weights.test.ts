// The small transformer's file: comes back as it was written, and anything else is refused by name.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkConfig } from '../../src/activations/transformer/config.js';
import { initTransformer } from '../../src/activations/transformer/init.js';
import {
  encodeTransformer,
  loadTransformerFile,
  weightSpecs,
} from '../../src/activations/transformer/weights.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';

const config = { modulus: 5, layers: 1, dModel: 4, heads: 2, dMlp: 6 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-transformer-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(bytes: Uint8Array) {
  const file = join(folder, 'model.safetensors');
  await writeFile(file, bytes);
  return loadTransformerFile(file);
}

it('comes back as it was', async () => {
  const model = initTransformer(config, 2);
  const read = await load(encodeTransformer(model));
  expect(read).toEqual(model);
});

it('has the weights that the architecture says', () => {
  const shapes = Object.fromEntries(
    Object.entries(weightSpecs(config)).map(([name, { shape }]) => [name, shape]),
  );
  expect(shapes).toMatchObject({
    'embedding.token': [8, 4],
    'embedding.position': [5, 4],
    'layer0.attention.query': [4, 4],
    'layer0.mlp.in': [4, 6],
    'layer0.mlp.out': [6, 4],
    'layer0.mlp.out.bias': [4],
    unembedding: [4, 5],
  });
  expect(Object.keys(shapes)).toHaveLength(2 + 12 + 3);
});

it('is drawn from the seed: embeddings of length about 1, linear maps within 1/√fan-in, norms at rest', () => {
  const wide = { modulus: 50, layers: 1, dModel: 64, heads: 4, dMlp: 100 };
  const { weights } = initTransformer(wide, 0);
  expect(initTransformer(wide, 0).weights).toEqual(weights);
  expect(initTransformer(wide, 1).weights['unembedding']).not.toEqual(weights['unembedding']);
  const squares = weights['embedding.token'].reduce((s, v) => s + v * v, 0) / 53;
  expect(squares).toBeGreaterThan(0.9);
  expect(squares).toBeLessThan(1.1);
  for (const [name, bound] of [
    ['layer0.mlp.in', 1 / 8],
    ['layer0.mlp.out', 1 / 10],
    ['layer0.mlp.out.bias', 1 / 10],
  ] as const) {
    const top = Math.max(...weights[name].map(Math.abs));
    expect(top).toBeLessThanOrEqual(Math.fround(bound));
    expect(top).toBeGreaterThan(0.9 * bound);
  }
  expect(weights['final.norm.scale'].every((v) => v === 1)).toBe(true);
  expect(weights['final.norm.bias'].every((v) => v === 0)).toBe(true);
});

it('refuses another file, another shape, and NaN', async () => {
  const { weights } = initTransformer(config, 2);
  const specs = weightSpecs(config);
  const bytes = (changed: Record<string, Float32Array>, said: object = config) =>
    encodeSafetensors(
      Object.fromEntries(
        Object.entries({ ...weights, ...changed }).map(([name, data]) => [
          name,
          { shape: data.length === weights[name].length ? specs[name].shape : [data.length], data },
        ]),
      ),
      { config: JSON.stringify(said) },
    );
  await expect(load(encodeSafetensors({}))).rejects.toThrow(
    'metadata config: it is not a transformer of this kind',
  );
  await expect(load(bytes({}, { ...config, heads: 3 }))).rejects.toThrow(
    'heads: the heads do not divide the width',
  );
  await expect(load(bytes({}, { ...config, dMlp: 7 }))).rejects.toThrow(
    'tensor layer0.mlp.in: it has the wrong shape; found [4 × 6]; expected [4 × 7]',
  );
  await expect(load(bytes({}, { ...config, layers: 2 }))).rejects.toThrow(
    'tensor layer1.attention.norm.scale: it is not in the file',
  );
  const broken = weights['unembedding'].slice();
  broken[3] = Number.NaN;
  await expect(load(bytes({ unembedding: broken }))).rejects.toMatchObject({ code: 'input.non-finite' });
});

it.each([
  [null],
  [{}],
  [{ ...config, layers: 0 }],
  [{ ...config, dModel: 2.5 }],
  [{ ...config, modulus: '5' }],
])('refuses the shape %j', (value) => {
  expect(() => checkConfig(value)).toThrow('wrong shape of a transformer');
});
