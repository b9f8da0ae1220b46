// The dicts of HUSAI by hand: whose maths each has, what its fields say, and what is refused.
import { afterAll, describe, expect, it } from 'vitest';
import type { PlainMap } from '../../src/formats/tensor-file.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { readSae } from '../../src/sae/read-sae.js';
import { fromRows } from '../../src/tensor/index.js';
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
  [0, 0],
  [3, 4],
  [4, -3],
];
const b = [0, 0.5, -4, 0];
const turned = (m: readonly (readonly number[])[]) => m[0].map((_, j) => m.map((row) => row[j]));

const layers = { 'encoder.weight': encoder, 'encoder.bias': b, 'decoder.weight': turned(decoder) };
const matrices = { W_enc: turned(encoder), b_enc: b, W_dec: decoder, b_dec: [1, 2] };
const shape = { d_model: 2, d_sae: 4 };

type Tensors = Readonly<Record<string, Values>>;

async function read(state: Tensors, values: Record<string, unknown>, within = 'model_state_dict') {
  const tensors = Object.fromEntries(
    Object.entries(state).map(([name, value]) => [`${within}/${name}`, value]),
  );
  const file = '/runs/sae_final.pt';
  return readSae(await checkpointOf({ file, tensors, format: 'torch', values: values as PlainMap }));
}

const refusal = (...args: Parameters<typeof read>) => read(...args).catch((error) => error.message);

describe('its own models', () => {
  it.each<[string, Tensors, Record<string, unknown>, number[], number[]]>([
    ['topk keeps negative values', layers, { ...shape, k: 4 }, [4, 5.5, 5, -4], [4 + 15 - 16, 20 + 12]],
    ['relu by its architecture', layers, { ...shape, architecture: 'relu' }, [4, 5.5, 5, 0], [19, 20]],
    ['relu where there is no k', layers, { ...shape, l1_coef: 0.001 }, [4, 5.5, 5, 0], [19, 20]],
    [
      'a decoder bias is added and not subtracted',
      { ...layers, 'decoder.bias': [1, 2] },
      { ...shape, k: 2, architecture: 'topk' },
      [0, 5.5, 5, 0],
      [16, 22],
    ],
    [
      'the architecture of a class of SAEBench, in tensors of its own',
      layers,
      { ...shape, k: 2, architecture: 'matryoshka' },
      [0, 5.5, 5, 0],
      [15, 20],
    ],
  ])('%s', async (_, state, values, codes, reconstruction) => {
    const { sae, origin } = await read(state, values);
    expect(await outputOf(sae, x)).toEqual({ codes, reconstruction });
    expect(origin.format).toBe('husai');
  });

  it('reads a wrapped state dict by its config, batchtopk as the topk that it trains', async () => {
    const config = { architecture: 'batchtopk', input_dim: 2, expansion_factor: 2, k: 2, seed: 42 };
    const { sae, origin, assumptions } = await read(
      layers,
      { config, metrics: {}, epoch: 3 },
      'sae_state_dict',
    );
    expect((await outputOf(sae, x)).codes).toEqual([0, 5.5, 5, 0]);
    expect(origin.initSeed).toBe(42);
    expect(assumptions).toContainEqual(
      expect.objectContaining({ of: 'architecture batchtopk', taken: 'topk' }),
    );
  });

  it('leaves a decoder row of zeros as it is', async () => {
    const { sae } = await read({ ...layers, feature_counts: [1, 2, 3, 4] }, { ...shape, k: 2 });
    expect([...sae.decoder.data.subarray(2, 4)]).toEqual([0, 0]);
    expect([...sae.decoder.data.subarray(4, 6)]).toEqual([3, 4]);
  });
});

describe('the classes of SAEBench', () => {
  const k = { ...matrices, k: 3 };

  it.each<[string, Tensors, Record<string, unknown>, number[]]>([
    ['relu', matrices, { architecture: 'relu' }, [3, 3.5, 2, 0]],
    ['topk', { ...matrices, k: 4 }, { architecture: 'topk', k: 4 }, [3, 3.5, 2, 0]],
    ['matryoshka', k, { architecture: 'matryoshka', k: 3 }, [3, 3.5, 2, 0]],
    ['batchtopk', { ...k, threshold: 3 }, { architecture: 'batchtopk', k: 3 }, [0, 3.5, 0, 0]],
    ['jumprelu', { ...matrices, threshold: [4, 0, 0, -9] }, { architecture: 'jumprelu' }, [0, 5.5, 5, 0]],
    ['batchtopk by its tensors', { ...k, threshold: 3 }, {}, [0, 3.5, 0, 0]],
    ['topk by its tensors', { ...matrices, k: 1 }, {}, [0, 3.5, 0, 0]],
    ['jumprelu by its tensors', { ...matrices, threshold: [4, 0, 0, -9] }, {}, [0, 5.5, 5, 0]],
  ])('%s', async (_, state, values, codes) => {
    const { sae } = await read(state, { ...shape, ...values });
    expect((await outputOf(sae, x)).codes).toEqual(codes);
  });
});

it('takes seed, layer and position from its fields, and transcoders by their mode', async () => {
  const place = { seed: 2022, layer: 1, position: -2 };
  const { origin } = await read(layers, { ...shape, k: 2, ...place, architecture: 'topk' });
  expect(origin).toMatchObject({ initSeed: 2022, layer: 1, site: 'position -2' });
  expect((await read(layers, { ...shape, k: 2, seed: 1, mode: 'sae' })).sae.transcoder).toBeUndefined();
  expect((await read(layers, { ...shape, k: 2, seed: 1, mode: 'transcoder' })).sae.transcoder).toBe(true);
});

describe('a router', () => {
  // The first two features where x₁ > 0, else the others; 2·x₂ of the third outdoes x₂ of the second.
  const beside = {
    'routing/router_state_dict/weight': [
      [1, 0],
      [0, 0],
    ],
    'routing/router_state_dict/bias': [0, 0],
  };
  const kernel = createPortableKernel({ threads: 1 });
  afterAll(() => kernel.close());
  const routed = async (second: readonly number[], rows?: number[][], values = {}) => {
    const decoded = [[1, 0], second, [0, 0], [-1, 0]];
    const own = {
      'model_state_dict/encoder.weight': [
        [1, 0],
        [0, 1],
        [0, 2],
        [-1, 0],
      ],
      'model_state_dict/encoder.bias': [0, 0, 0, 0],
      'model_state_dict/decoder.weight': turned(decoded),
    };
    const fields = { ...shape, k: 1, architecture: 'routed_topk', ...values };
    const written = {
      file: '/a.pt',
      tensors: { ...own, ...beside },
      format: 'torch',
      values: fields,
    } as const;
    const stated = rows ? { activations: { x: fromRows(rows), kernel } } : {};
    return readSae({ ...(await checkpointOf(written)), stated });
  };

  it('chooses the group, of which k are kept where nothing is said', async () => {
    const { sae, assumptions } = await routed([0, 1]);
    expect((await outputOf(sae, [1, 3])).codes).toEqual([0, 3, 0, 0]);
    expect((await outputOf(sae, [-1, 3])).codes).toEqual([0, 0, 6, 0]);
    expect(assumptions.at(-1)).toMatchObject({
      taken: 'k of the chosen group',
      because: expect.stringContaining('default'),
    });
  });

  const rows = [
    [4, 0],
    [-4, 0],
    [5, 0],
    [-6, 0],
    [1, 3],
  ];
  it.each([
    ['k of the chosen group', [0, 1], [0, 3, 0, 0]],
    ['k of all, of which those of the chosen group stay', [5, 5], [0, 0, 0, 0]],
  ])('is followed as activations show: %s', async (way, second, codes) => {
    const { sae, assumptions } = await routed(second, rows);
    expect(assumptions.at(-1)).toMatchObject({
      taken: way,
      because: expect.stringContaining('activations, '),
    });
    expect((await outputOf(sae, [1, 3])).codes).toEqual(codes);
  });

  it('of a transcoder is followed as by default: what it reads does not tell what it should write', async () => {
    const transcoder = await routed([5, 5], rows, { mode: 'transcoder', seed: 1 });
    expect(transcoder.assumptions.at(-1)).toMatchObject({ because: expect.stringContaining('default') });
  });
});

describe('refuses', () => {
  it.each<[string, Tensors, Record<string, unknown>, RegExp]>([
    [
      'a routed model without its router',
      layers,
      { k: 2, architecture: 'routed_topk', routing: {} },
      /tensor routing\/router_state_dict\/weight: it is not there/,
    ],
    ['an unknown architecture', layers, { k: 2, architecture: 'gated' }, /architecture: .*found "gated"/],
    ['its own model as jumprelu', layers, { architecture: 'jumprelu' }, /architecture: .*found jumprelu/],
    ['a width of 2⁷⁰', layers, { d_model: 2n ** 70n, k: 2 }, /d_model: .*found 1180591620717411303424$/],
    ['a list for a width', layers, { d_model: [[2]], k: 2 }, /d_model: .*found a list of 1$/],
    ['a dict for a width', layers, { d_model: { d: 2 }, k: 2 }, /d_model: .*found an object$/],
    ['a text for a width', layers, { d_model: 'w'.repeat(99), k: 2 }, /d_model: .*found "w{79}…$/],
    ['an unknown mode', layers, { k: 2, mode: 'crosscoder' }, /mode: .*found "crosscoder"/],
    ['another width', layers, { d_model: 3, k: 2 }, /tensor model_state_dict\/encoder\.weight: .*\[4 × 2\]/],
    ['another number of features', layers, { d_sae: 8, k: 2 }, /encoder\.weight: .*expected \[8 × 2\]/],
    ['a k that is too large', layers, { k: 5 }, /k: .*found 5; expected a whole number from 1 to 4/],
    [
      'another k than the tensor',
      { ...matrices, k: 3 },
      { k: 2, architecture: 'topk' },
      /k: .*found 2; expected 3/,
    ],
    ['topk without k', matrices, { architecture: 'topk' }, /k: .*found nothing/],
    [
      'a threshold that is not set',
      { ...matrices, k: 2, threshold: -1 },
      {},
      /threshold: BatchTopK .*--architecture topk, which keeps 2/,
    ],
    ['tensors it does not know', { ...layers, scale: [1] }, { k: 2 }, /tensor model_state_dict\/scale/],
    [
      'no encoder bias',
      { ...layers, 'encoder.bias': [0] },
      { k: 2 },
      /encoder\.bias: it has the wrong shape/,
    ],
  ])('%s', async (_, state, values, message) => {
    expect(await refusal(state, { ...shape, ...values })).toMatch(message);
  });
});
