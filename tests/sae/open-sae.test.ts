// Opening an SAE from its folder or a file in it, with what is known of where it comes from.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSae } from '../../src/sae/open-sae.js';
import { encodeSaelens } from '../../src/sae/saelens.js';
import { knownInit } from '../../src/training/known-init.js';
import { plain } from '../../src/training/plain.js';
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
  await expect(openSae(folder)).rejects.toThrow(
    /found a folder without them; expected a folder with cfg\.json/,
  );
  await writeFile(join(folder, 'sae_weights.safetensors'), 'x');
  await expect(openSae(folder)).rejects.toThrow(/found no cfg\.json/);
  await writeFile(join(folder, 'weights.pt'), 'x');
  await expect(openSae(join(folder, 'weights.pt'))).rejects.toThrow(
    /weights\.pt: .*found a file of another name/,
  );
  await mkdir(join(folder, 'cfg.json'));
  await expect(openSae(folder)).rejects.toMatchObject({ code: 'input.format' });
});
