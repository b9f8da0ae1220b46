// `reseed convert`: what it writes, what it keeps of the source, and what it leaves alone.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSae } from '../../src/sae/open-sae.js';
import { plantedSae, writeSae } from '../study/planted-saes.js';
import { cli } from './cli.js';

const peers = fileURLToPath(new URL('../fixtures/peers/', import.meta.url));
const source = join(peers, 'sparsify/run/layers.2.mlp');
const [weightsName, configName] = ['sae_weights.safetensors', 'cfg.json'];
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'reseed-convert-')), 'a', 'b');
});

const convert = (path = source, to = folder) => cli('convert', path, '--to', 'saelens', to);

async function contents(of = folder): Promise<Record<string, string>> {
  const names = (await readdir(of)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(of, name), 'latin1')));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]]));
}

describe('what is written', () => {
  it('is the same SAE, with where it comes from', async () => {
    const { code, stdout } = await convert();
    expect(code).toBe(0);
    expect(stdout).toBe(`${folder}: topk, 24 features of width 8, from sparsify\n`);
    const [before, after] = [await openSae(source), await openSae(folder)];
    expect(after.sae).toEqual(before.sae);
    expect(after.hookName).toBe('layers.2.mlp');
    expect(after.origin).toMatchObject({ format: 'saelens', layer: 2 });
    expect(after.record['convertedFrom']).toEqual({
      format: 'sparsify',
      file: 'sae.safetensors',
      sha256: createHash('sha256')
        .update(await readFile(join(source, 'sae.safetensors')))
        .digest('hex'),
    });
  });

  it('keeps the seed that the path tells', async () => {
    const seeded = join(folder, '..', 'layers.5', 'seed9');
    await mkdir(seeded, { recursive: true });
    for (const name of ['sae.safetensors', configName])
      await writeFile(join(seeded, name), await readFile(join(source, name)));
    expect((await convert(seeded)).code).toBe(0);
    expect((await openSae(folder)).origin).toMatchObject({ layer: 5, initSeed: 9 });
  });

  it('is the same bytes each time, in a new folder, over itself, and where a killed run has stopped', async () => {
    await convert();
    const first = await contents();
    expect(Object.keys(first)).toEqual([configName, weightsName]);
    expect((await convert()).code).toBe(0);
    expect(await contents()).toEqual(first);
    await rm(join(folder, configName));
    await writeFile(join(folder, `.${configName}.999999999.tmp`), '{');
    expect((await convert()).code).toBe(0);
    expect(await contents()).toEqual(first);
    const other = `${folder}-2`;
    await convert(source, other);
    expect(await contents(other)).toEqual(first);
  });
});

describe('TopK that keeps codes below 0', () => {
  const unclipped = { kind: 'topk', k: 3, relu: false } as const;
  it('is written for SAELens with what it will do to it, and comes back whole', async () => {
    const own = join(folder, '..', 'own');
    await writeSae(own, { ...plantedSae(0), activation: unclipped });
    const { code, stderr } = await convert(own);
    expect(code).toBe(0);
    expect(stderr).toMatch(/SAELens will drop its codes below 0\. metadata\.reseed\.relu says so/);
    expect((await openSae(folder)).sae.activation).toEqual(unclipped);
  });

  it('is written as plain safetensors with all of it, and for dictionary_learning not at all', async () => {
    const own = join(folder, '..', 'own');
    await writeSae(own, { ...plantedSae(0), activation: unclipped });
    const done = await cli('convert', own, '--to', 'safetensors', folder);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(folder)).toEqual(['sae.safetensors']);
    expect((await openSae(folder)).sae.activation).toEqual(unclipped);
    const refused = await cli('convert', own, '--to', 'dictionary_learning', `${folder}-2`);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/no class for this SAE; found TopK without ReLU; .*else --to safetensors/);
  });
});

describe('dictionary_learning', () => {
  it('has ae.pt and config.json, with the place and the seed', async () => {
    const own = join(folder, '..', 'layers.5', 'seed9');
    await mkdir(own, { recursive: true });
    for (const name of ['sae.safetensors', configName])
      await writeFile(join(own, name), await readFile(join(source, name)));
    expect((await cli('convert', own, '--to', 'dictionary_learning', folder)).code).toBe(0);
    expect(Object.keys(await contents())).toEqual(['ae.pt', 'config.json']);
    const { sae, origin } = await openSae(folder);
    expect(origin).toMatchObject({ format: 'dictionary-learning', layer: 5, initSeed: 9 });
    expect(sae.activation).toEqual({ kind: 'topk', k: 4, relu: true });
    const first = await contents();
    await cli('convert', own, '--to', 'dictionary_learning', `${folder}-2`);
    expect(await contents(`${folder}-2`)).toEqual(first);
  });
});

describe('what is left alone', () => {
  it.each([
    ['notes.txt', 'mine', 'notes.txt'],
    [weightsName, 'mine', `another ${weightsName}`],
    [configName, '{}', `another ${configName}`],
  ])('a folder that holds %s', async (name, text, found) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), text);
    const { code, stderr } = await convert();
    expect(code).toBe(3);
    expect(stderr).toBe(
      `reseed: ${folder}: the folder holds other things already; found ${found}; expected a new or an empty folder\n`,
    );
    expect(await contents()).toEqual({ [name]: text });
  });

  it('the folder that the SAE is in', async () => {
    await convert();
    const first = await contents();
    expect((await convert(folder, folder)).stderr).toMatch(/found another cfg\.json/);
    expect(await contents()).toEqual(first);
  });

  it('a file', async () => {
    await mkdir(join(folder, '..'), { recursive: true });
    await writeFile(folder, 'mine');
    const { code, stderr } = await convert();
    expect(code).toBe(3);
    expect(stderr).toMatch(/cannot write it: a file of that name exists/);
    expect(await readFile(folder, 'utf8')).toBe('mine');
  });
});

describe('what ends without a folder', () => {
  it.each([
    [
      'an SAE that SAELens has no architecture for',
      'sparsify/groupmax/layers.3',
      /sae\.safetensors, architecture: .*found groupmax/,
    ],
    ['a transcoder that it has none for', 'sparsify/transcoder/layers.3', /found transcoder of topk/],
    ['no SAE', 'nothing', /nothing: cannot read it: there is no such file/],
  ])('%s', async (_, path, message) => {
    const { code, stderr } = await convert(join(peers, path));
    expect(code).toBe(3);
    expect(stderr).toMatch(message);
    await expect(stat(folder)).rejects.toThrow();
  });

  it.each([
    [['convert', source, 'out'], /required option '--to <layout>' not specified/],
    [['convert', source, '--to', 'torch', 'out'], /Allowed choices are saelens/],
    [['convert', source, '--to', 'saelens'], /missing required argument 'folder'/],
  ])('%j', async (args, message) => {
    const { code, stderr } = await cli(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
