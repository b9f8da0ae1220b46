// The layouts of dictionary_learning by hand: what each class does, which class it is, what a backup leaves undone, and
// what is refused. The package's own files are in peers.test.ts.
import { describe, expect, it } from 'vitest';
import type { PlainMap } from '../../src/formats/tensor-file.js';
import { withoutMatrices } from '../../src/sae/outline.js';
import { readSae } from '../../src/sae/read-sae.js';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

// With x = (4, 5), x − b_dec is (3, 3): W·(x − b_dec) = (3, 3, 6, −3) and p = (3, 3.5, 2, −3); of x itself, W·x + b is
// (4, 5.5, 5, −4).
const x = [4, 5];
const rows = {
  encoder: [
    [1, 0],
    [0, 1],
    [1, 1],
    [-1, 0],
  ],
  // Of lengths 1, 2, 5, 5.
  decoder: [
    [1, 0],
    [0, 2],
    [3, 4],
    [4, -3],
  ],
};
const b = [0, 0.5, -4, 0];
const bDec = [1, 2];

const turned = (m: readonly (readonly number[])[]) => m[0].map((_, j) => m.map((row) => row[j]));
const layers = { 'encoder.weight': rows.encoder, 'decoder.weight': turned(rows.decoder) };
const matrices = { W_enc: turned(rows.encoder), b_enc: b, W_dec: rows.decoder, b_dec: bDec };
const topk = { ...layers, 'encoder.bias': b, b_dec: bDec, k: 2, threshold: -1 };
const autoEncoder = { ...layers, 'encoder.bias': b, bias: bDec };
const autoEncoderNew = { ...layers, 'encoder.bias': b, 'decoder.bias': bDec };
const jumpRelu = { ...matrices, threshold: [4, 5, 1, -9] };
const gated = {
  ...layers,
  gate_bias: b,
  r_mag: [Math.log(2), 0, 0, 0],
  mag_bias: [-1, 0, -5, 9],
  decoder_bias: bDec,
};
const matryoshka = { ...matrices, k: 2, threshold: 2.5, group_sizes: [1, 3] };

type Tensors = Readonly<Record<string, Values>>;
const file = '/runs/trainer_0/ae.pt';

/** @param trainer of config.json; none where it is undefined */
async function read(
  tensors: Tensors,
  trainer?: Record<string, unknown>,
  { values = {}, stated = {} }: { values?: Record<string, unknown>; stated?: StatedSettings } = {},
) {
  const configs = trainer ? { 'config.json': { trainer, buffer: { d_submodule: 2 } } } : {};
  const written = { file, tensors, configs, format: 'torch', values: values as PlainMap } as const;
  return readSae({ ...(await checkpointOf(written)), stated });
}

const refusal = (...args: Parameters<typeof read>) => read(...args).catch((error) => error.message);

describe('encoding and decoding', () => {
  it.each<[string, Tensors, number[], number[]]>([
    ['AutoEncoder', autoEncoder, [3, 7, 10, 0], [10, 17]],
    ['AutoEncoderNew', autoEncoderNew, [4, 5.5, 5, 0], [20, 33]],
    ['GatedAutoEncoder', gated, [5, 3, 1, 0], [9, 12]],
    ['JumpReluAutoEncoder', jumpRelu, [0, 5.5, 5, 0], [16, 33]],
    ['AutoEncoderTopK', topk, [3, 3.5, 0, 0], [4, 9]],
    ['AutoEncoderTopK', { ...topk, threshold: 3.2 }, [3, 3.5, 0, 0], [4, 9]],
    ['BatchTopKSAE', { ...topk, threshold: 3 }, [0, 3.5, 0, 0], [1, 9]],
    ['BatchTopKSAE', topk, [3, 3.5, 2, 0], [10, 17]],
    ['MatryoshkaBatchTopKSAE', matryoshka, [3, 3.5, 0, 0], [4, 9]],
  ])('%s', async (dict_class, tensors, codes, reconstruction) => {
    const { sae } = await read(tensors, { dict_class, activation_dim: 2, dict_size: 4, k: 2 });
    const output = await outputOf(sae, x);
    output.codes.forEach((code, i) => {
      expect(code).toBeCloseTo(codes[i], 5);
    });
    output.reconstruction.forEach((value, j) => {
      expect(value).toBeCloseTo(reconstruction[j], 5);
    });
  });

  it('leaves decoder rows of length 1 as they are, and says when it does not', async () => {
    const unit = {
      ...autoEncoder,
      'decoder.weight': turned([
        [1, 0],
        [0, 1],
        [0.6, 0.8],
        [1, 0],
      ]),
    };
    const folds = ({ assumptions }: Awaited<ReturnType<typeof read>>) =>
      assumptions.some(({ because }) => because.startsWith('from_pretrained'));
    const left = await read(unit);
    expect(folds(left)).toBe(false);
    expect(left.sae.encoder.data).toEqual(Float32Array.from(rows.encoder.flat()));
    expect(folds(await read(autoEncoder))).toBe(true);
    const whole = await checkpointOf({ file, tensors: autoEncoder, format: 'torch' });
    expect(folds(await readSae({ ...whole, tensors: withoutMatrices(whole.tensors) }))).toBe(false);
  });
});

describe('which class it is', () => {
  it.each<[string, Tensors, string]>([
    ['bias', autoEncoder, 'relu'],
    ['mag_bias', gated, 'gated'],
    ['group_sizes', matryoshka, 'matryoshka_batchtopk'],
  ])('is told by %s alone', async (_, tensors, architecture) => {
    const { sae, origin } = await read(tensors);
    expect(sae.architecture).toBe(architecture);
    expect(origin.format).toBe('dictionary-learning');
  });

  it('is asked for where TopK and BatchTopK have the same tensors', async () => {
    expect(await refusal(topk)).toMatch(
      /config\.json, trainer\.dict_class: AutoEncoderTopK and BatchTopKSAE/,
    );
    const fromHub = {
      file,
      tensors: topk,
      configs: { 'config.json': { activation_dim: 2, dict_size: 4, k: 2 } },
    };
    await expect(readSae(await checkpointOf(fromHub))).rejects.toThrow(
      /found no dict_class, only activation_dim, dict_size, k; expected .*--architecture topk or batchtopk/,
    );
    expect((await read(topk, undefined, { stated: { architecture: 'topk', k: 2 } })).sae.architecture).toBe(
      'topk',
    );
    const { sae } = await read(topk, undefined, { stated: { architecture: 'batchtopk' } });
    expect(sae.activation.kind).toBe('jumprelu');
    expect(await refusal(topk, undefined, { stated: { architecture: 'relu' } })).toMatch(
      /--architecture: .*found tensors b_dec and k; expected relu, as stated; --architecture topk or batchtopk/,
    );
  });

  it('is not asked for where directions are compared alone', async () => {
    const { sae } = await read(topk, undefined, { stated: { weightsOnly: true } });
    expect(sae).toMatchObject({ architecture: 'unknown', activation: { kind: 'unknown' } });
  });

  it('is that of the tensors where a trainer gives AutoEncoderNew the name AutoEncoder', async () => {
    const { sae, assumptions } = await read(autoEncoderNew, { dict_class: 'AutoEncoder' });
    expect((await outputOf(sae, x)).codes).toEqual([4, 5.5, 5, 0]);
    expect(assumptions).toContainEqual(
      expect.objectContaining({ of: 'dict_class AutoEncoder', taken: 'AutoEncoderNew' }),
    );
  });
});

describe('a backup', () => {
  const halved = (values: readonly number[]) => values.map((value) => value / 2);
  const within = (state: Tensors) =>
    Object.fromEntries(Object.entries(state).map(([name, value]) => [`ae/${name}`, value]));
  const backup = (dict_class: string, norm_factor: unknown = 2) => ({
    step: 7,
    config: { dict_class, k: 2 },
    norm_factor,
  });

  it.each<[string, Tensors, number[], number[]]>([
    ['AutoEncoderTopK', { ...topk, 'encoder.bias': halved(b), b_dec: halved(bDec) }, [3, 3.5, 0, 0], [4, 9]],
    [
      'BatchTopKSAE',
      { ...topk, 'encoder.bias': halved(b), b_dec: halved(bDec), threshold: 1.5 },
      [0, 3.5, 0, 0],
      [1, 9],
    ],
    [
      'JumpReluAutoEncoder',
      { ...jumpRelu, b_enc: halved(b), b_dec: halved(bDec), threshold: [2, 2.5, 0.5, -4.5] },
      [0, 5.5, 5, 0],
      [16, 33],
    ],
    [
      'GatedAutoEncoder',
      { ...gated, gate_bias: halved(b), mag_bias: halved([-1, 0, -5, 9]), decoder_bias: halved(bDec) },
      [5, 3, 1, 0],
      [9, 12],
    ],
  ])('of %s has biases and thresholds multiplied by norm_factor', async (name, state, codes, reconstruction) => {
    const { sae } = await read(within(state), undefined, { values: backup(name) });
    const output = await outputOf(sae, x);
    expect(output.codes.map((code) => Math.round(code * 1e4) / 1e4)).toEqual(codes);
    expect(output.reconstruction.map((value) => Math.round(value * 1e4) / 1e4)).toEqual(reconstruction);
  });

  it.each([[null], [0], [-2], ['2'], [Number.NaN]])('is refused with norm_factor %j', async (factor) => {
    const values = backup('AutoEncoderTopK', factor);
    expect(await refusal(within(topk), undefined, { values })).toMatch(
      /norm_factor: .* expected a positive number/,
    );
  });

  it('is refused without norm_factor', async () => {
    const { norm_factor: _, ...values } = backup('AutoEncoderTopK');
    expect(await refusal(within(topk), undefined, { values })).toMatch(/norm_factor: .*; found nothing/);
  });
});

describe('origin', () => {
  const settings = { k: 2, seed: 42, layer: 8, submodule_name: 'resid_post_layer_8' };

  it('takes seed, layer and place from the trainer', async () => {
    const { origin, hookName } = await read(topk, { ...settings, dict_class: 'AutoEncoderTopK' });
    expect(origin).toMatchObject({ initSeed: 42, layer: 8 });
    expect(hookName).toBe('blocks.8.hook_resid_post');
  });

  it('takes no seed from the trainer of JumpReLU, which never applies it', async () => {
    const { origin } = await read(jumpRelu, { ...settings, dict_class: 'JumpReluAutoEncoder' });
    expect(origin.initSeed).toBeUndefined();
    expect(origin.layer).toBe(8);
  });

  it('leaves out what is of another kind', async () => {
    const odd = { k: 2, seed: null, layer: 'mid', submodule_name: 3, dict_class: 'AutoEncoderTopK' };
    const { origin, hookName } = await read(topk, odd);
    expect(Object.keys(origin)).toEqual(['format', 'path']);
    expect(hookName).toBeUndefined();
  });
});

describe('refuses', () => {
  const named = { dict_class: 'AutoEncoderTopK', k: 2 };
  const { k: _, ...withoutK } = topk;

  it.each<[string, Tensors, Record<string, unknown>, RegExp]>([
    [
      'an unknown class',
      topk,
      { dict_class: 'CrossCoder' },
      /config\.json, dict_class: .*found "CrossCoder"/,
    ],
    [
      'another k than the tensor',
      topk,
      { ...named, k: 3 },
      /trainer\.k: the tensor k says otherwise; found 3; expected 2/,
    ],
    [
      'a k that is too large',
      { ...topk, k: 5 },
      { ...named, k: 5 },
      /tensor k: .*found 5; expected .*1 to 4/,
    ],
    ['no k at all', withoutK, { dict_class: 'AutoEncoderTopK' }, /trainer\.k: .*found nothing/],
    [
      'another width',
      topk,
      { ...named, activation_dim: 3 },
      /trainer\.activation_dim: .*found 3; expected 2/,
    ],
    [
      'another number of features',
      topk,
      { ...named, dict_size: 2 },
      /trainer\.dict_size: .*found 2; expected 4/,
    ],
    [
      'a transposed decoder',
      { ...topk, 'decoder.weight': rows.decoder },
      named,
      /tensor decoder\.weight: .*shape/,
    ],
    [
      'tensors of another class',
      topk,
      { dict_class: 'GatedAutoEncoder' },
      /tensor gate_bias: it is not there/,
    ],
    [
      'tensors it does not know',
      { ...topk, scale: [1, 1, 1, 1] },
      named,
      /tensor scale: it holds tensors that/,
    ],
  ])('%s', async (_, tensors, trainer, message) => {
    expect(await refusal(tensors, trainer)).toMatch(message);
  });

  it('reads k from the settings where there is no tensor of it', async () => {
    expect((await read(withoutK, named)).sae.activation).toMatchObject({ kind: 'topk', k: 2 });
  });
});
