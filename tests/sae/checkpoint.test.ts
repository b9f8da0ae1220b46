// What lies at a path: settings in JSON and YAML, shards, and files that belong together; and what is refused of them.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { openCheckpoint } from '../../src/sae/checkpoint.js';
import { findCheckpoints } from '../../src/sae/find-checkpoints.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-checkpoint-'));
});

async function put(files: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    const bytes = typeof content === 'string' ? content : tensorsNamed(content);
    await writeFile(join(folder, name), bytes);
  }
}

/** Tensors of these names, with one value each. */
function tensorsNamed(names: readonly string[]): Uint8Array {
  return encodeSafetensors(
    Object.fromEntries(names.map((name, i) => [name, { shape: [1], data: Float32Array.of(i + 1) }])),
  );
}

const open = (path = '') =>
  openCheckpoint(join(folder, path), async ({ tensors, configs }) => ({
    names: [...tensors.tensors.keys()],
    configs: Object.fromEntries(configs),
    last: (await tensors.read([...tensors.tensors.keys()].at(-1)!)).data[0],
  }));

describe('settings', () => {
  it('are read from YAML as from JSON', async () => {
    await put({ 'sae.safetensors': ['a'], 'config.yaml': 'k: 3\nlist:\n - one\n', 'cfg.json': '{"k": 4}' });
    expect((await open()).configs).toEqual({ 'config.yaml': { k: 3, list: ['one'] }, 'cfg.json': { k: 4 } });
  });

  it('stand above a folder of checkpoints', async () => {
    await put({ 'checkpoints/final.safetensors': ['a'], 'hyperparams.json': '{"d_model": 2}' });
    for (const path of ['', 'hyperparams.json', 'checkpoints/final.safetensors'])
      expect((await open(path)).configs).toEqual({ 'hyperparams.json': { d_model: 2 } });
  });

  it.each([
    ['a list', 'config.yaml', '- 1\n', /config\.yaml: it is not a YAML map/],
    ['broken YAML', 'config.yaml', 'a: [1\n', /config\.yaml: it is not YAML/],
    ['broken JSON', 'cfg.json', '{', /cfg\.json: it is not JSON; .*expected a JSON object/],
    ['deep YAML', 'config.yaml', `a: ${'['.repeat(80)}${']'.repeat(80)}\n`, /nested too deeply/],
    ['deep JSON', 'cfg.json', `{"a": ${'['.repeat(80)}${']'.repeat(80)}}`, /nested too deeply/],
    ['long YAML', 'config.yaml', `a: ${'x'.repeat(70_000)}\n`, /too long for a configuration/],
    [
      'names for lists of names that never end',
      'config.yaml',
      `${['a: &a [x, x]', ...Array.from({ length: 20 }, (_, i) => `${String.fromCharCode(98 + i)}: &${String.fromCharCode(98 + i)} [*${String.fromCharCode(97 + i)}, *${String.fromCharCode(97 + i)}]`)].join('\n')}\n`,
      /it is not YAML/,
    ],
  ])('of %s are refused', async (_, name, text, message) => {
    await put({ 'sae.safetensors': ['a'], [name]: text });
    await expect(open()).rejects.toThrow(message);
  });
});

describe('shards', () => {
  const index = (map: Record<string, unknown>) => JSON.stringify({ weight_map: map });
  const shards = { 'm-00001-of-00002.safetensors': ['a', 'b'], 'm-00002-of-00002.safetensors': ['c'] };
  const map = {
    a: 'm-00001-of-00002.safetensors',
    b: 'm-00001-of-00002.safetensors',
    c: 'm-00002-of-00002.safetensors',
  };

  it('are one file, by their index, and stand once in a folder', async () => {
    await put({ ...shards, 'm.safetensors.index.json': index(map) });
    expect(await open()).toMatchObject({ names: ['a', 'b', 'c'], last: 1 });
    expect(await findCheckpoints(folder)).toEqual([join(folder, 'm.safetensors.index.json')]);
  });

  it.each([
    ['no list', { weights: 1 }, /weight_map: it does not list shards; found 0 files/],
    ['a file outside the folder', { weight_map: { a: '../x.safetensors' } }, /found 1 files, 0 of them/],
    ['a number', { weight_map: { a: 1 } }, /found 1 files, 0 of them/],
    ['a file that is not there', { weight_map: { a: 'x.safetensors' } }, /x\.safetensors: .*no such file/],
    [
      'more files than are opened at once',
      { weight_map: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`t${i}`, `s${i}`])) },
      /found 300 files, 300 of them/,
    ],
  ])('of an index with %s are refused', async (_, content, message) => {
    await put({ ...shards, 'm.safetensors.index.json': JSON.stringify(content) });
    await expect(open()).rejects.toThrow(message);
  });

  it('that hold one tensor twice are refused', async () => {
    await put({ ...shards, 'm-00002-of-00002.safetensors': ['b'], 'm.safetensors.index.json': index(map) });
    await expect(open()).rejects.toThrow(/tensor b: two files hold it; found .*00001.* and .*00002/);
  });
});

describe('a layer of a cross-layer transcoder', () => {
  it('is its encoder and its decoder, which lie apart', async () => {
    await put({ 'W_enc_0.safetensors': ['W_enc_0'], 'W_dec_0.safetensors': ['W_dec_0'] });
    expect((await open('W_enc_0.safetensors')).names).toEqual(['W_enc_0', 'W_dec_0']);
    expect(await findCheckpoints(folder)).toEqual([join(folder, 'W_enc_0.safetensors')]);
  });

  it('is its encoder alone where there is no decoder', async () => {
    await put({ 'W_enc_0.safetensors': ['W_enc_0'] });
    expect((await open('W_enc_0.safetensors')).names).toEqual(['W_enc_0']);
  });
});
