// Opening an SAE from its folder or a file in it, with what is known of where it comes from.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { openSae } from '../../src/sae/open-sae.js';
import { encodeSaelens } from '../../src/sae/sources/saelens-write.js';
import { knownInit } from '../../src/training/known-init.js';
import { plain } from '../../src/training/recipes/plain.js';
import { plantedSae } from '../study/planted-saes.js';

const sae = plantedSae(0);

async function folderWith(hook: string, record: Record<string, unknown> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-open-'));
  const { weights, config } = encodeSaelens(sae, hook, record);
  await writeFile(join(folder, 'sae_weights.safetensors'), weights);
  await writeFile(join(folder, 'cfg.json'), config);
  return folder;
}

it('gives the weights and where they come from', async () => {
  const folder = await folderWith('blocks.3.hook_resid_post', {
    initSeed: 4,
    orderSeed: 5,
    site: 'equals',
    recipe: 'plain',
  });
  for (const path of [folder, join(folder, 'cfg.json'), join(folder, 'sae_weights.safetensors')]) {
    const opened = await openSae(path);
    expect(opened.sae).toEqual(sae);
    expect(opened.origin).toEqual({
      format: 'saelens',
      path,
      layer: 3,
      site: 'equals',
      initSeed: 4,
      orderSeed: 5,
    });
    const init = knownInit(opened.sae, opened.record);
    expect(init?.decoder.data).toEqual(plain.init(4, 16, 48).decoder.data);
  }
});

it('says nothing that is not recorded', async () => {
  const { origin, sae, record } = await openSae(await folderWith('hook_embed', { initSeed: 'four' }));
  expect(Object.keys(origin)).toEqual(['format', 'path']);
  expect(knownInit(sae, record)).toBeUndefined();
  expect(knownInit(sae, { initSeed: 4, recipe: 'another' })).toBeUndefined();
});

it('refuses what is not an SAE', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-open-'));
  await expect(openSae(join(folder, 'x'))).rejects.toThrow(/x: cannot read it: there is no such file/);
  await expect(openSae(folder)).rejects.toThrow(/found no file of weights; expected one of sae_weights/);
  const weights = join(folder, 'weights.safetensors');
  await writeFile(weights, encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }));
  await expect(openSae(folder)).rejects.toThrow(
    /weights\.safetensors: it is not an SAE of a known layout; found tensors a;/,
  );
  await writeFile(join(folder, 'cfg.json'), '[1]');
  await expect(openSae(weights)).rejects.toThrow(/cfg\.json: it is not a JSON object; found \[1\]/);
  await writeFile(join(folder, 'cfg.json'), '{');
  await expect(openSae(weights)).rejects.toThrow(/cfg\.json: it is not JSON; found "\{"/);
  const deep = (levels: number) => `{"a":${'['.repeat(levels - 1)}"[[",[]${']'.repeat(levels - 1)}}`;
  await writeFile(join(folder, 'cfg.json'), deep(63));
  await expect(openSae(weights)).rejects.toThrow(/it is not an SAE of a known layout/);
  await writeFile(join(folder, 'cfg.json'), deep(64));
  await expect(openSae(weights)).rejects.toThrow(
    /cfg\.json: it is nested too deeply; expected at most 64 levels/,
  );
  await writeFile(join(folder, 'more.pt'), '');
  await expect(openSae(folder)).rejects.toThrow(/found 2: more\.pt, weights\.safetensors/);
  await writeFile(join(folder, 'cfg.json'), '{}');
  await writeFile(weights, 'x');
  await expect(openSae(weights)).rejects.toMatchObject({ code: 'input.format', details: { file: weights } });
});
