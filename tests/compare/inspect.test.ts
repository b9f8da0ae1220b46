// What files and folders turn out to be, as data and as text.
import { cp, mkdir, mkdtemp, open, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/compare/inspect.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { FolderInspection, SaeInspection } from '../../src/report/inspection.js';
import { renderInspection } from '../../src/report/inspection-text.js';
import { decode, encode } from '../../src/sae/encode.js';
import { openSae } from '../../src/sae/open-sae.js';
import { encodeSaelens, saelensFiles } from '../../src/sae/sources/saelens-write.js';
import { fromRows, type Matrix, zeros } from '../../src/tensor/index.js';
import { plantedActivations, plantedSae } from '../study/planted-saes.js';

let folder: string;
const kernel = createPortableKernel({ threads: 1 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-inspect-'));
});
afterAll(() => kernel.close());

async function saeIn(name: string, seed: number, hook = 'blocks.1.hook_resid_post'): Promise<string> {
  const to = join(folder, name);
  await mkdir(to, { recursive: true });
  const { weights, config } = encodeSaelens(plantedSae(seed), hook, { initSeed: seed });
  await writeFile(join(to, saelensFiles.weights), weights);
  await writeFile(join(to, saelensFiles.config), config);
  return to;
}

async function tensorsAt(name: string, tensors: Parameters<typeof encodeSafetensors>[0]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, encodeSafetensors(tensors));
  return file;
}

describe('an SAE', () => {
  it('is told by its layout, with what each tensor is taken for and what its weights are like', async () => {
    const path = await saeIn('alone', 3);
    const found = (await inspect(path)) as SaeInspection;
    expect(found).toMatchObject({
      kind: 'sae',
      format: 'saelens',
      container: 'safetensors',
      dModel: 16,
      dSae: 48,
      hookName: 'blocks.1.hook_resid_post',
      origin: { layer: 1, initSeed: 3 },
      numerics: { nan: 0, inf: 0, zeroFeatures: 0 },
    });
    expect(found.weights?.decoder.normMean).toBeGreaterThan(0);
    expect(found.assumptions.map(({ of, taken }) => [of, taken])).toContainEqual([
      'W_enc F32 [16 × 48]',
      'encoder, one column a feature',
    ]);
    const text = renderInspection(found);
    expect(text).toContain('48 features that read 16 dimensions');
    expect(text).toMatch(/W_dec F32 \[48 × 16\] +decoder, one row a feature/);
    expect(text).toContain('blocks.1.hook_resid_post, init seed 3');
    expect(text).toContain('(sae_weights.safetensors)');
  });

  it('is seen at work on activations', async () => {
    const path = await saeIn('used', 4);
    const found = (await inspect(path, { usage: { x: plantedActivations(50), kernel } })) as SaeInspection;
    expect(found.usage).toMatchObject({ rows: 50 });
    expect((found.usage?.live ?? 0) + (found.usage?.deadByFiring ?? 0)).toBe(48);
    expect(renderInspection(found)).toMatch(/of 48 features fire \(\d/);
  });

  it('that is a transcoder is held against what it should write', async () => {
    const { encoder, encoderBias, decoder } = plantedSae(5);
    const at = await tensorsAt('transcoder.safetensors', {
      W_enc: { shape: [encoder.rows, encoder.cols], data: encoder.data },
      b_enc: { shape: [encoder.rows], data: encoderBias },
      W_dec: { shape: [decoder.rows, decoder.cols], data: decoder.data },
    });
    const x = plantedActivations(50);
    const stated = { architecture: 'relu', transcoder: true } as const;
    const alone = (await inspect(at, { usage: { x, kernel }, stated })) as SaeInspection;
    expect(alone.usage).not.toHaveProperty('explainedVariance');
    const { sae } = await openSae(at, stated);
    const targets = decode(sae, await encode(sae, x, kernel), x);
    const found = (await inspect(at, { usage: { x, targets, kernel }, stated })) as SaeInspection;
    expect(found.usage?.explainedVariance).toBe(1);
    expect(renderInspection(found).replace(/\s+/g, ' ')).toContain(
      'They explain 100% of the variance of what it should write.',
    );
    const told = (usage: { x: Matrix; targets: Matrix }, transcoder?: true) =>
      inspect(at, {
        usage: { ...usage, kernel },
        stated: { architecture: 'relu', ...(transcoder ? { transcoder } : {}) },
      });
    await expect(told({ x, targets })).rejects.toThrow(/targets: they have no effect here.*--transcoder/);
    await expect(told({ x, targets: zeros(50, 3) }, true)).rejects.toThrow(
      /found \[50 × 3\]; expected \[50 × 16\]/,
    );
    await expect(inspect(at, { usage: { x: zeros(2, 5), kernel }, stated })).rejects.toThrow(
      /activations: they are of another width.*found \[2 × 5\]; expected \[2 × 16\]/,
    );
    await expect(told({ x, targets: zeros(7, 16) }, true)).rejects.toThrow(/found 7 rows; expected 50/);
  });

  it('of 4 GiB is told without its weights being read', async () => {
    const [d, features] = [4096, 131_072];
    const bytes = 4 * d * features;
    const entry = (shape: number[], begin: number) => {
      const end = begin + 4 * shape.reduce((a, b) => a * b, 1);
      return { dtype: 'F32', shape, data_offsets: [begin, end] };
    };
    const header = JSON.stringify({
      W_enc: entry([d, features], 0),
      W_dec: entry([features, d], bytes),
      b_enc: entry([features], 2 * bytes),
      b_dec: entry([d], 2 * bytes + 4 * features),
    });
    const to = join(folder, 'large');
    await mkdir(to);
    const config = { architecture: 'topk', d_in: d, d_sae: features, k: 64 };
    await writeFile(join(to, saelensFiles.config), JSON.stringify(config));
    const file = await open(join(to, saelensFiles.weights), 'w');
    const head = new Uint8Array(8 + header.length);
    new DataView(head.buffer).setBigUint64(0, BigInt(header.length), true);
    head.set(new TextEncoder().encode(header), 8);
    await file.write(head);
    // A hole: it takes no room on the disk.
    await file.truncate(head.length + 2 * bytes + 4 * features + 4 * d);
    await file.close();
    const before = process.memoryUsage().arrayBuffers;
    const found = (await inspect(to)) as SaeInspection;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
    expect(found).toMatchObject({ kind: 'sae', dModel: d, dSae: features, k: 64 });
    expect(found.weights).toBeUndefined();
    expect(renderInspection(found)).toContain('--full reads them');
  });
});

describe('activations', () => {
  it('are the only table of floats in a file', async () => {
    const x = plantedActivations(40);
    x.data.copyWithin(16, 0, 16);
    const path = await tensorsAt('x.safetensors', { x: { shape: [40, 16], data: x.data } });
    const found = await inspect(path);
    expect(found).toMatchObject({ kind: 'activations', tensor: 'x', rows: 40, dModel: 16 });
    expect(found).toMatchObject({ sample: { rows: 40, distinctRows: 39, nan: 0, inf: 0 } });
    expect(renderInspection(found)).toContain('Of all rows, 39 are distinct');
  });

  it('of many rows are looked at in blocks over the whole file', async () => {
    const rows = 10_000;
    const data = Float32Array.from({ length: rows * 2 }, (_, e) => Math.floor(e / 2));
    data[0] = Number.NaN;
    const found = await inspect(await tensorsAt('long.safetensors', { x: { shape: [rows, 2], data } }));
    // Rows 0 … 9,999 are as large as their number: the mean tells that the blocks reach from end to end.
    expect(found).toMatchObject({ kind: 'activations', sample: { rows: 4096, nan: 1, inf: 0 } });
    expect((found as { sample: { mean: number } }).sample.mean).toBeCloseTo(4999.5, -2);
    expect(renderInspection(found)).toContain('Among them are 1 NaN and 0 infinite.');
  });
});

it('a tensor that is named behind a # is looked at alone', async () => {
  const [a, b] = [2, 3].map((cols) => ({ shape: [4, cols], data: new Float32Array(4 * cols) }));
  const path = await tensorsAt('two.safetensors', { a, b });
  expect(await inspect(`${path}#b`)).toMatchObject({ kind: 'activations', tensor: 'b', dModel: 3 });
  await expect(inspect(`${path}#c`)).rejects.toThrow(/tensor c: it is not in the file; found a, b/);
  await expect(inspect(join(folder, 'nothing'))).rejects.toThrow(/there is no such file/);
});

it('a file whose SAE cannot be read shows what stands beside its tensors', async () => {
  const metadata = { seed: '7', k: '32' };
  const table = { shape: [2, 2], data: new Float32Array(4) };
  const file = join(folder, 'beside.safetensors');
  await writeFile(file, encodeSafetensors({ a: table, b: table }, metadata));
  const found = await inspect(file);
  expect(found).toMatchObject({ kind: 'tensors', settings: metadata });
  expect(renderInspection(found)).toContain('Beside the tensors\n  k 32, seed 7\n');
});

it('a file that is neither is listed, and says why it is no SAE', async () => {
  const table = { shape: [2, 2], data: new Float32Array(4) };
  const found = await inspect(await tensorsAt('odd.safetensors', { a: table, b: table }));
  expect(found).toMatchObject({ kind: 'tensors', tensors: [{ name: 'a' }, { name: 'b' }] });
  expect(renderInspection(found)).toMatch(/No SAE: it is not an SAE of a known layout; found tensors a, b/);
});

describe('a folder', () => {
  it('lists its SAEs, what is none, and what can be compared', async () => {
    const [a, b] = [await saeIn('many/run1', 1), await saeIn('many/deep/run2', 2)];
    const alone = await saeIn('many/run3', 3, 'blocks.2.hook_resid_post');
    const odd = await tensorsAt('many/odd.safetensors', { a: { shape: [1], data: Float32Array.of(1) } });
    const found = (await inspect(join(folder, 'many'))) as FolderInspection;
    expect(found.saes.map(({ path }) => path)).toEqual([b, a, alone]);
    expect(found.groups).toEqual([[b, a]]);
    expect(found.others.map(({ path }) => path)).toEqual([odd]);
    const text = renderInspection(found);
    expect(text).toContain(`reseed compare ${b} ${a}\n`);
    expect(text).toMatch(/deep\/run2 +SAELens +topk +16 +48/);
  });

  it('of a Hugging Face cache, whose files are links into blobs, is read as any other', async () => {
    const cache = join(folder, 'models--org--saes');
    await mkdir(join(cache, 'blobs'), { recursive: true });
    for (const seed of [1, 2]) {
      const name = `snapshots/abc/seed${seed}`;
      const at = await saeIn(`models--org--saes/${name}`, seed);
      for (const file of Object.values(saelensFiles)) {
        const blob = `${seed}${file.length}`;
        await rename(join(at, file), join(cache, 'blobs', blob));
        await symlink(`../../../blobs/${blob}`, join(at, file));
      }
    }
    await symlink('nowhere', join(cache, 'snapshots/abc/lost.pt'));
    const found = (await inspect(cache)) as FolderInspection;
    expect(found.saes.map(({ origin }) => origin.initSeed)).toEqual([1, 2]);
    expect(found.others).toEqual([]);
  });

  const state = {
    'encoder.weight': { shape: [3, 2], data: new Float32Array(6).fill(1) },
    'decoder.weight': { shape: [2, 3], data: new Float32Array(6).fill(1) },
  };

  it('takes what is stated, and activations, for each of its files', async () => {
    const at = join(folder, 'stated');
    await mkdir(at);
    for (const name of ['a', 'b']) await tensorsAt(`stated/${name}.safetensors`, state);
    const left = (await inspect(at)) as FolderInspection;
    expect(left.saes.map(({ architecture }) => architecture)).toEqual(['unknown', 'unknown']);
    expect(left.saes[0].open).toMatch(/--architecture relu, .*topk or abstopk with --k/);
    await expect(inspect(at, { usage: { x: fromRows([[1, 2]]), kernel } })).resolves.toMatchObject({
      saes: [],
    });
    const file = join(folder, 'one.safetensors');
    await writeFile(file, encodeSafetensors(state, { lr: '0.1', k: '2' }));
    const alone = renderInspection(await inspect(file));
    expect(alone).toContain('Its directions can be compared; to encode activations more must be said\n');
    expect(alone).toContain('Beside the tensors\n  k 2, lr 0.1\n');
    const stated = { architecture: 'topk', k: 2 } as const;
    const found = (await inspect(at, { stated })) as FolderInspection;
    expect(found.saes.map(({ architecture, k }) => [architecture, k])).toEqual([
      ['topk', 2],
      ['topk', 2],
    ]);
    const usage = {
      x: fromRows([
        [1, 2],
        [3, 4],
      ]),
      kernel,
    };
    const used = (await inspect(at, { stated, usage })) as FolderInspection;
    expect(used.saes[1].usage).toMatchObject({ rows: 2, live: 2 });
    expect(renderInspection(used)).toMatch(/live +explained\n.*topk.* 2 +-?\d/);
  });

  it('that holds one file of weights is that SAE', async () => {
    await mkdir(join(folder, 'single'));
    await mkdir(join(folder, 'known'));
    await tensorsAt('single/mine.safetensors', state);
    await tensorsAt('known/sae.safetensors', state);
    for (const name of ['single', 'known/']) {
      const found = await inspect(join(folder, name), { stated: { architecture: 'relu' } });
      expect(found).toMatchObject({ kind: 'sae', architecture: 'relu' });
    }
  });

  it('of 200 checkpoints reads as one screen, with each reason once and commands that stand for all', async () => {
    const first = await saeIn('crowd/seed0', 0);
    for (let seed = 1; seed < 100; seed++)
      await cp(first, join(folder, `crowd/seed${seed}`), { recursive: true });
    await mkdir(join(folder, 'crowd/open'));
    for (let i = 0; i < 100; i++) await tensorsAt(`crowd/open/${i}.safetensors`, state);
    for (const name of ['x', 'y'])
      await tensorsAt(`crowd/open/${name}.safetensors`, { z: { shape: [1], data: Float32Array.of(1) } });
    const found = (await inspect(join(folder, 'crowd'))) as FolderInspection;
    expect([found.saes.length, found.others.length]).toEqual([200, 2]);
    const text = renderInspection(found);
    expect(text.split('\n').length).toBeLessThan(32);
    expect(text.match(/does not tell how to read it/g)).toHaveLength(1);
    expect(text).toContain('open/0.safetensors, open/1.safetensors, open/10.safetensors and 97 more');
    expect(text).toContain(`reseed compare ${join(folder, 'crowd/seed*')}   (100 SAEs)`);
    expect(text).toMatch(/100 × seed\* +SAELens +topk/);
    // A folder that the pattern would take too.
    await mkdir(join(folder, 'crowd/seed'));
    const other = (await inspect(join(folder, 'crowd'))) as FolderInspection;
    expect(other.patterns).toContain(null);
    expect(renderInspection(other)).toMatch(/100 SAEs: .*seed0, .* and 97 more/);
  });

  it('lists the SAEs of a file that holds several, and says of activations that they are', async () => {
    await mkdir(join(folder, 'mixed'));
    const stacked = ({ rows, cols, data }: Matrix) => ({ shape: [12, rows / 12, cols], data });
    const { encoder, encoderBias, decoder } = plantedSae(1);
    const stack = await tensorsAt('mixed/stack.safetensors', {
      W_enc: stacked(encoder),
      W_dec: stacked(decoder),
      b_enc: { shape: [12, 4], data: encoderBias },
    });
    await tensorsAt('mixed/x.safetensors', { x: { shape: [2, 3], data: new Float32Array(6) } });
    await tensorsAt('mixed/y.safetensors', { y: { shape: [2, 3], data: new Float32Array(6) } });
    const found = (await inspect(join(folder, 'mixed'))) as FolderInspection;
    expect(found.saes.map(({ path }) => path)).toEqual(Array.from({ length: 12 }, (_, i) => `${stack}#${i}`));
    const text = renderInspection(found);
    expect(text).toContain(`  reseed compare ${stack}   (12 SAEs)\n`);
    expect(text).toContain(
      '2 files of weights that are no SAE\n  x.safetensors, y.safetensors:\n    activations, ',
    );
  });

  it('says once what is wrong in the same way with several files', async () => {
    await mkdir(join(folder, 'wrong'));
    for (const name of ['p', 'q', 'r', 's'])
      await tensorsAt(`wrong/${name}.safetensors`, { [name]: { shape: [1], data: Float32Array.of(1) } });
    const text = renderInspection(await inspect(join(folder, 'wrong')));
    expect(text.match(/it is not an SAE of a known layout/g)).toHaveLength(1);
    expect(text).toContain('p.safetensors, q.safetensors, r.safetensors and 1 more:');
  });

  it('without weights is refused', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await expect(inspect(empty)).rejects.toThrow(/empty: it holds no file of weights/);
  });
});
