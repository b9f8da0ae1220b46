import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/formats/safetensors.js';
import type { Sae } from '../../src/sae/sae.js';
import { encodeSaelens, readSaelens } from '../../src/sae/saelens.js';
import { plain } from '../../src/training/plain.js';

const sae: Sae = {
  architecture: 'topk',
  k: 2,
  relu: false,
  subtractDecoderBias: false,
  ...plain.init(1, 3, 5),
};
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-'));
  const { weights, config } = encodeSaelens(sae, 'blocks.0.hook_resid_post', { key: 'abc' });
  await writeFile(join(folder, 'sae_weights.safetensors'), weights);
  await writeFile(join(folder, 'cfg.json'), config);
});

describe('the SAELens layout', () => {
  it('stores W_enc as [d, F] and W_dec as [F, d]', async () => {
    const { tensors } = await readSafetensors(join(folder, 'sae_weights.safetensors'));
    expect(tensors.get('W_enc')?.shape).toEqual([3, 5]);
    expect(tensors.get('W_dec')?.shape).toEqual([5, 3]);
    expect(tensors.get('W_enc')?.data[1]).toBe(sae.encoder.data[3]);
    expect(tensors.get('W_dec')?.data[3]).toBe(sae.decoder.data[3]);
    const config = JSON.parse(await readFile(join(folder, 'cfg.json'), 'utf8'));
    expect(config).toMatchObject({
      architecture: 'topk',
      d_in: 3,
      d_sae: 5,
      k: 2,
      apply_b_dec_to_input: false,
    });
  });

  it('reads back what it wrote, and writes the same bytes again', async () => {
    const read = await readSaelens(folder);
    expect(read.sae).toEqual(sae);
    expect(read.record['key']).toBe('abc');
    expect(encodeSaelens(read.sae, 'blocks.0.hook_resid_post', { key: 'abc' })).toEqual(
      encodeSaelens(sae, 'blocks.0.hook_resid_post', { key: 'abc' }),
    );
  });

  it('takes the defaults of SAELens where a field is missing: ReLU, and the decoder bias is subtracted', async () => {
    const config = { architecture: 'topk', d_in: 3, d_sae: 5, k: 2 };
    await writeFile(join(folder, 'cfg.json'), JSON.stringify(config));
    expect((await readSaelens(folder)).sae).toMatchObject({ relu: true, subtractDecoderBias: true });
  });

  it.each([
    ['architecture', 'gated'],
    ['k', 0],
    ['normalize_activations', 'layer_norm'],
    ['rescale_acts_by_decoder_norm', true],
  ])('refuses %s = %j, naming file and field', async (field, value) => {
    const file = join(folder, 'cfg.json');
    const config = { ...JSON.parse(await readFile(file, 'utf8')), [field]: value };
    await writeFile(file, JSON.stringify(config));
    await expect(readSaelens(folder)).rejects.toMatchObject({
      code: 'input.format',
      details: { file, field },
    });
  });

  it('refuses a truncated checkpoint, and one whose shapes are not those of its configuration', async () => {
    const weights = join(folder, 'sae_weights.safetensors');
    await writeFile(
      join(folder, 'cfg.json'),
      JSON.stringify({ architecture: 'topk', d_in: 4, d_sae: 5, k: 2 }),
    );
    await expect(readSaelens(folder)).rejects.toMatchObject({
      code: 'input.shape',
      details: { file: weights },
    });
    await truncate(weights, 200);
    await expect(readSaelens(folder)).rejects.toMatchObject({
      code: 'input.format',
      details: { file: weights },
    });
  });
});
