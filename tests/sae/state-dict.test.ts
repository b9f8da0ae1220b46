// Plain state dicts by hand: names and where they stand, what is read from what stands beside them, what is stated, what
// activations decide, and what stays open and is refused.
import { afterAll, describe, expect, it } from 'vitest';
import type { PlainMap } from '../../src/formats/tensor-file.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { JsonObject } from '../../src/sae/checkpoint.js';
import { readSae } from '../../src/sae/read-sae.js';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import { fromRows, Rng } from '../../src/tensor/index.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

// With x = (4, 5): W·x + b = (4, 5.5, 5, −4), and (3, 3.5, 2, −3) of x − b_dec.
const x = [4, 5];
const encoder = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 0],
];
const decoder = [
  [1, 0],
  [0, 2],
  [3, 4],
  [4, -3],
];
const b = [0, 0.5, -4, 0];
const turned = (m: readonly (readonly number[])[]) => m[0].map((_, j) => m.map((row) => row[j]));

const matrices = { W_enc: turned(encoder), b_enc: b, W_dec: decoder, b_dec: [1, 2] };
const layers = {
  'encoder.weight': encoder,
  'encoder.bias': b,
  'decoder.weight': turned(decoder),
  'decoder.bias': [1, 2],
};
const relu = { architecture: 'relu', apply_b_dec_to_input: false };

type Tensors = Readonly<Record<string, Values>>;

interface Beside {
  readonly values?: Record<string, unknown>;
  readonly configs?: Record<string, JsonObject>;
  readonly stated?: StatedSettings;
}

async function read(tensors: Tensors, { values = {}, configs = {}, stated = {} }: Beside = {}) {
  const written = {
    file: '/saes/sae.pt',
    tensors,
    configs,
    format: 'torch',
    values: values as PlainMap,
  } as const;
  return readSae({ ...(await checkpointOf(written)), stated });
}

const codesOf = async (...args: Parameters<typeof read>) =>
  (await outputOf((await read(...args)).sae, x)).codes;
const refusal = (...args: Parameters<typeof read>) => read(...args).catch((error) => error.message);
const under = (prefix: string, state: Tensors) =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [prefix + name, value]));

describe('names', () => {
  it.each([
    '',
    'module.',
    '_orig_mod.',
    'sae.',
    'state_dict/',
    'state_dict/model.sae.',
    'checkpoint/model/',
  ])('are found after %j', async (prefix) => {
    expect(await codesOf(under(prefix, layers), { values: relu })).toEqual([4, 5.5, 5, 0]);
    expect(await codesOf(under(prefix, matrices), { values: relu })).toEqual([4, 5.5, 5, 0]);
  });

  it('are let be beside what is not the SAE’s', async () => {
    const optimiser = { 'optimizer/state/0/exp_avg': [1, 2] };
    expect(await codesOf({ ...under('model/', layers), ...optimiser }, { values: relu })).toEqual([
      4, 5.5, 5, 0,
    ]);
  });

  it.each([
    ['enc.weight', 'enc.bias', 'dec.weight', 'dec.bias'],
    ['encoder.weight', 'b_enc', 'decoder.weight', 'b_dec'],
  ])('%s, %s, %s and %s are usual', async (...names) => {
    const state = Object.fromEntries(Object.values(layers).map((values, i) => [names[i], values]));
    expect(await codesOf(state, { values: relu })).toEqual([4, 5.5, 5, 0]);
  });

  it('may leave biases out', async () => {
    const { b_enc: _, b_dec: __, ...bare } = matrices;
    const configs = { 'config.json': { d_sae: 4, activation: 'ReLU' } };
    const { sae } = await read(bare, { configs });
    expect(await outputOf(sae, x)).toEqual({ codes: [4, 5, 9, 0], reconstruction: [31, 46] });
  });
});

describe('the way round', () => {
  it.each<[string, Tensors]>([
    ['W_enc [F, d]', { ...matrices, W_enc: encoder }],
    ['W_dec [d, F]', { ...matrices, W_dec: turned(decoder) }],
    ['both', { ...matrices, W_enc: encoder, W_dec: turned(decoder) }],
  ])('%s is told by the lengths of biases', async (_, state) => {
    expect(await outputOf((await read(state, { values: relu })).sae, x)).toEqual({
      codes: [4, 5.5, 5, 0],
      reconstruction: [20, 33],
    });
  });

  it.each<[string, Tensors, Record<string, unknown>, RegExp]>([
    ['a layer that is not [out × in]', { ...layers, 'encoder.weight': turned(encoder) }, relu, /do not fit/],
    ['a bias of another length', { ...matrices, b_enc: [0, 0, 0] }, relu, /\[4 × 2\], b_enc of 3 features/],
    ['settings of another width', matrices, { ...relu, d_in: 3 }, /settings of 3 width/],
  ])('%s is refused', async (_, state, values, message) => {
    expect(await refusal(state, { values })).toMatch(message);
  });
});

describe('what it computes', () => {
  it.each<[string, Tensors, Beside, number[]]>([
    [
      'settings in the file',
      matrices,
      { values: { config: { architecture: 'TopKSAE', k: 1 }, ...{ apply_b_dec_to_input: true } } },
      [0, 3.5, 0, 0],
    ],
    [
      'settings beside it',
      matrices,
      { configs: { 'cfg.json': { ...relu, apply_b_dec_to_input: true } } },
      [3, 3.5, 2, 0],
    ],
    [
      'metadata, which is text',
      matrices,
      { values: { architecture: 'topk', k: '2', apply_b_dec_to_input: 'false' } },
      [0, 5.5, 5, 0],
    ],
    [
      'what is stated',
      layers,
      { stated: { architecture: 'topk', k: 1, subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'a threshold of each feature',
      { ...matrices, threshold: [4, 5, 1, -9] },
      { stated: { subtractDecoderBias: false } },
      [0, 5.5, 5, 0],
    ],
    [
      'a bias of zeros, which is neither',
      { ...matrices, b_dec: [0, 0] },
      { stated: { architecture: 'relu' } },
      [4, 5.5, 5, 0],
    ],
    [
      'a single threshold, which is BatchTopK’s',
      { ...matrices, threshold: 3 },
      { stated: { architecture: 'batchtopk', subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'a single threshold, of which nothing is stated',
      { ...matrices, threshold: 3 },
      { stated: { subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'JumpReLU where it is stated, with one threshold and a k',
      { ...matrices, threshold: [3], k: 2 },
      { stated: { architecture: 'jumprelu', subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'TopK where it is stated, with a threshold too',
      { ...matrices, threshold: 3, k: 2 },
      { stated: { architecture: 'topk' } },
      [3, 3.5, 0, 0],
    ],
    ['SAEBench’s TopK', { ...matrices, k: 2 }, {}, [3, 3.5, 0, 0]],
    ['SAEBench’s BatchTopK', { ...matrices, k: 2, threshold: 3 }, {}, [0, 3.5, 0, 0]],
  ])('is told by %s', async (_, state, beside, codes) => {
    expect(await codesOf(state, beside)).toEqual(codes);
  });

  it('is told by gate_bias and b_mag for SAEBench’s Gated', async () => {
    const { b_enc, ...rest } = matrices;
    const gated = { ...rest, gate_bias: b_enc, b_mag: [-1, 0, -5, 9], r_mag: [0, 0, 0, 0] };
    expect(await codesOf(gated)).toEqual([2, 3, 1, 0]);
  });

  it('is not asked where directions are compared alone', async () => {
    const { sae, origin } = await read(matrices, { values: { seed: 5 }, stated: { weightsOnly: true } });
    expect(sae).toMatchObject({ architecture: 'unknown', activation: { kind: 'unknown' } });
    expect([[...sae.decoder.data], origin.initSeed]).toEqual([decoder.flat(), 5]);
    await expect(outputOf(sae, x)).rejects.toThrow(
      /--architecture: how this SAE encodes is not in its files/,
    );
    // What is known is kept.
    expect((await read(layers, { values: relu, stated: { weightsOnly: true } })).sae.architecture).toBe(
      'relu',
    );
  });

  it('comes with seed, layer and place where they stand beside the weights', async () => {
    const config = { seed: 3, layer: 4, hook_name: 'blocks.4.hook_mlp_out' };
    const { origin, hookName } = await read(matrices, { values: { ...relu, config } });
    expect(origin).toMatchObject({ format: 'state-dict', initSeed: 3, layer: 4 });
    expect(hookName).toBe('blocks.4.hook_mlp_out');
  });
});

describe('what activations tell', () => {
  const kernel = createPortableKernel({ threads: 1 });
  afterAll(() => kernel.close());
  // Rows D_i = e_i + e_{i+1}/2, and an encoder that undoes them: z = D⁻ᵀ·x for x = Σ z_i D_i, with every z_i above 0.
  const d = 6;
  const table = (entry: (i: number, j: number) => number) =>
    Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => entry(i, j)));
  const right = {
    W_dec: table((i, j) => (i === j ? 1 : j === i + 1 ? 0.5 : 0)),
    W_enc: table((i, j) => (i >= j ? (-0.5) ** (i - j) : 0)),
  };
  const rng = new Rng(3);
  const bias = [3, -2, 1, 4, -1, 2];
  const rows = Array.from({ length: 300 }, () => {
    const z = Array.from({ length: d }, () => rng.uniform());
    return bias.map((value, j) => value + z.reduce((sum, code, i) => sum + code * right.W_dec[i][j], 0));
  });
  const activations = { x: fromRows(rows), kernel };

  it.each([
    ['stored as F × d', right],
    ['stored as d × F', { W_enc: turned(right.W_enc), W_dec: turned(right.W_dec) }],
    ['as SAELens stores them', { ...right, W_enc: turned(right.W_enc) }],
  ])('which axis counts features and whether a bias is subtracted, %s', async (_, state) => {
    const stated = { architecture: 'relu', activations } as const;
    const { sae, assumptions } = await read({ ...state, b_dec: bias }, { stated });
    expect(sae.subtractDecoderBias).toBe(true);
    expect([...sae.decoder.data]).toEqual(right.W_dec.flat());
    expect([...sae.encoder.data]).toEqual(right.W_enc.flat());
    expect(assumptions.at(-1)?.taken).toBe('the one that leaves 0.0 % of their variance unexplained');
  });

  it('of a transcoder only beside what it should write', async () => {
    // Reads rows without the bias, and writes twice what an SAE would, elsewhere.
    const read0 = rows.map((row) => row.map((value, j) => value - bias[j]));
    const targets = read0.map((row) => row.map((value, j) => 2 * value + 7 * j));
    const state = {
      ...right,
      W_dec: right.W_dec.map((row) => row.map((v) => 2 * v)),
      b_dec: bias.map((_, j) => 7 * j),
    };
    const known = { x: fromRows(read0), kernel };
    const stated = { architecture: 'relu', transcoder: true } as const;
    const { sae } = await read(state, {
      stated: { ...stated, activations: { ...known, targets: fromRows(targets) } },
    });
    expect([...sae.decoder.data]).toEqual(state.W_dec.flat());
    expect(sae).toMatchObject({ transcoder: true, subtractDecoderBias: false });
    expect(await refusal(state, { stated: { ...stated, activations: known } })).toMatch(
      /W_enc, W_dec: the file alone/,
    );
  });

  it('nothing where no reading reconstructs them, or they are of another width', async () => {
    const stated = { architecture: 'relu' } as const;
    const state = { ...right, b_dec: bias };
    const noise = fromRows(rows.map(() => Array.from({ length: d }, () => 100 * rng.normal())));
    for (const other of [noise, fromRows([[1, 2]])]) {
      expect(await refusal(state, { stated: { ...stated, activations: { x: other, kernel } } })).toMatch(
        /W_enc, W_dec, b_dec: .*found activations that no reading, or more than one, reconstructs/,
      );
    }
  });

  it('nothing where the best reading is only less wrong', async () => {
    // With z in (0, 1) and x = 10 + z it gives 10 + 0.3z, which leaves twice the variance, or 13 + 0.3z.
    const state = { 'encoder.weight': [[0.3]], 'decoder.weight': [[1]], 'decoder.bias': [10] };
    const one = { x: fromRows(rows.map(() => [10 + rng.uniform()])), kernel };
    const stated = { architecture: 'relu', activations: one } as const;
    expect(await refusal(state, { stated })).toMatch(/decoder\.bias: .*found activations that no reading/);
  });

  it('nothing where two readings do alike', async () => {
    const identity = table((i, j) => (i === j ? 1 : 0));
    const state = { W_enc: identity, W_dec: identity, b_dec: [0, 0, 0, 0, 0, 0] };
    const stated = {
      architecture: 'relu',
      activations: {
        ...activations,
        x: fromRows([
          [1, 2, 3, 4, 5, 6],
          [6, 5, 4, 3, 2, 2],
        ]),
      },
    } as const;
    expect(await refusal(state, { stated })).toMatch(/or more than one, reconstructs/);
  });
});

describe('refuses, with what is missing', () => {
  const { b_enc: _, b_dec: __, ...bare } = matrices;

  it.each<[string, Tensors, Beside, RegExp]>([
    [
      'an unknown activation',
      layers,
      {},
      /architecture, decoder\.bias: the file alone does not tell how to read it/,
    ],
    [
      'a bias that may be subtracted',
      matrices,
      { stated: { architecture: 'relu' } },
      /, b_dec: .*whether b_dec is subtracted from the input \(--subtract-decoder-bias yes or no/,
    ],
    ['thresholds beside such a bias', { ...matrices, threshold: [1, 1, 1, 1] }, {}, /, b_dec: /],
    [
      'no lengths to tell F from d',
      bare,
      { values: relu },
      /W_enc, W_dec: .*which axis of W_enc, W_dec counts features/,
    ],
    [
      'TopK without k',
      layers,
      { stated: { architecture: 'topk', subtractDecoderBias: false } },
      /, --k or k beside the weights: .*found nothing/,
    ],
    [
      'BatchTopK without a threshold',
      layers,
      { values: { ...relu, architecture: 'batch_topk' } },
      /tensor threshold/,
    ],
    [
      'an activation it cannot read',
      layers,
      { values: { activation: 'softplus' } },
      /activation: .*found softplus.*--ignore activation and --architecture/,
    ],
    [
      'an activation named as what every object has',
      layers,
      { values: { activation: 'constructor' } },
      /activation: .*found constructor/,
    ],
    [
      'settings that contradict each other',
      layers,
      { values: { ...relu, config: { activation: 'topk' } } },
      /found relu, topk/,
    ],
    ['another k than the tensor', { ...matrices, k: 2 }, { values: { k: 3 } }, /, k: .*found 3; expected 2/],
    ['tensors it does not know', { ...layers, scale: [1] }, { values: relu }, /tensor scale/],
    [
      'two SAEs in one file',
      { ...under('a/', layers), ...under('b/', layers) },
      { values: relu },
      /more than one SAE; found 2: \/saes\/sae\.pt#a, \/saes\/sae\.pt#b;/,
    ],
    [
      'one without a decoder',
      { 'encoder.weight': encoder, 'encoder.bias': b },
      { values: relu },
      /not an SAE of a known layout/,
    ],
    [
      'settings that change what is computed',
      layers,
      { configs: { 'cfg.json': { ...relu, normalize_activations: true } } },
      /setting normalize_activations: it changes what is computed: it normalises the input; found true/,
    ],
    [
      'settings that are an object',
      layers,
      { values: { ...relu, cfg: { __class__: 'tool.Config', d_in: 2 } } },
      /cfg: they are an object .*found tool\.Config.*--ignore cfg/,
    ],
    [
      'names that only end alike',
      { 'text_encoder.weight': encoder, 'text_decoder.weight': turned(decoder) },
      { values: relu },
      /not an SAE of a known layout/,
    ],
    [
      'a pickled model',
      { '_modules/encoder/_parameters/weight': encoder },
      { values: { __class__: 'torch.nn.Linear' } },
      /found an object of torch\.nn\.Linear; expected the state dict/,
    ],
  ])('%s', async (_, state, beside, message) => {
    expect(await refusal(state, beside)).toMatch(message);
  });

  it.each<[string, Tensors, Beside, StatedSettings, RegExp, StatedSettings]>([
    [
      'a tensor k',
      { ...matrices, k: 2 },
      {},
      { architecture: 'relu' },
      /--architecture: .*found tensor k; expected relu, as stated; --architecture topk, or --ignore k/,
      { architecture: 'topk' },
    ],
    [
      'k beside the weights',
      matrices,
      { values: { config: { k: 2 } } },
      { architecture: 'relu', subtractDecoderBias: true },
      /found k 2; .*--ignore k/,
      { architecture: 'relu', subtractDecoderBias: true, ignore: ['k'] },
    ],
    [
      'a threshold',
      { ...matrices, threshold: [1, 1, 1, 1] },
      {},
      { architecture: 'relu', subtractDecoderBias: true },
      /found tensor threshold; expected relu, as stated; --architecture jumprelu or batchtopk/,
      { architecture: 'jumprelu', subtractDecoderBias: true },
    ],
    [
      'a threshold of each feature',
      { ...matrices, threshold: [1, 1, 1, 1] },
      {},
      { architecture: 'batchtopk', subtractDecoderBias: true },
      /tensor threshold: .*found \[4\]; expected a single number, or --architecture jumprelu/,
      { architecture: 'jumprelu', subtractDecoderBias: true },
    ],
    [
      'another architecture beside the weights',
      layers,
      { values: relu },
      { architecture: 'topk', k: 1 },
      /--architecture: .*found relu, beside the weights; expected topk, as stated/,
      { architecture: 'relu' },
    ],
    [
      'nothing of how it encodes',
      layers,
      {},
      {},
      /--architecture relu, .*topk or abstopk with --k.*--subtract-decoder-bias yes or no/,
      { architecture: 'topk', k: 2, subtractDecoderBias: false },
    ],
    [
      'no k',
      layers,
      {},
      { architecture: 'topk', subtractDecoderBias: false },
      /--k or k beside the weights/,
      { architecture: 'topk', subtractDecoderBias: false, k: 1 },
    ],
  ])('%s, and what it advises works', async (_, state, beside, stated, message, advised) => {
    expect(await refusal(state, { ...beside, stated })).toMatch(message);
    expect((await read(state, { ...beside, stated: advised })).sae.architecture).toBe(advised.architecture);
  });

  it.each<[StatedSettings, string]>([
    [{ architecture: 'topk' }, '--architecture'],
    [{ k: 3 }, '--k'],
    [{ subtractDecoderBias: true }, '--subtract-decoder-bias'],
  ])('%o, where the file says otherwise', async (stated, field) => {
    await expect(read(matrices, { values: relu, stated })).rejects.toMatchObject({
      code: 'usage.argument',
      details: { file: '/saes/sae.pt', field },
    });
  });
});
