// What stands beside weights and changes what they compute: every known setting and tensor is applied or refused by name,
// and what is advised works.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { PlainMap } from '../../src/formats/tensor-file.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { foldStandardisation } from '../../src/sae/fold-standardisation.js';
import { knownSettings } from '../../src/sae/known-settings.js';
import { meanNames, refusedTensors, sdNames } from '../../src/sae/norm-beside.js';
import { readSae } from '../../src/sae/read-sae.js';
import type { Sae, Standardisation } from '../../src/sae/sae.js';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import { fromRows, Rng } from '../../src/tensor/index.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const x = [4, 5, -3];
const weights = {
  W_enc: [
    [1, 0, 1, -1],
    [0, 1, 1, 0],
    [0.5, -1, 2, 0],
  ],
  b_enc: [0.25, 0.5, -4, 0],
  W_dec: [
    [1, 0, 2],
    [0, 2, 1],
    [3, 4, -1],
    [4, -3, 0.5],
  ],
  b_dec: [1, 2, -1],
};

type Tensors = Readonly<Record<string, Values>>;

/** z = relu((n(x) − s·b_dec)·W_enc + b_enc), x̂ = n⁻¹(z·W_dec + b_dec), n the map (x − centre)/divisor, n⁻¹ its y·factor + centre. */
function byHand(
  { centre, divisor, factor }: { centre: number[]; divisor: number[]; factor: number[] },
  subtract: boolean,
) {
  const input = x.map((v, j) => (v - centre[j]) / divisor[j] - (subtract ? weights.b_dec[j] : 0));
  const codes = weights.b_enc.map((b, i) =>
    Math.max(
      0,
      input.reduce((sum, v, j) => sum + v * weights.W_enc[j][i], b),
    ),
  );
  const reconstruction = weights.b_dec.map((b, j) => {
    const decoded = codes.reduce((sum, code, i) => sum + code * weights.W_dec[i][j], b);
    return decoded * factor[j] + centre[j];
  });
  return { codes, reconstruction };
}

const asItIs = { centre: [0, 0, 0], divisor: [1, 1, 1], factor: [1, 1, 1] };
const same = (value: number) => x.map(() => value);

interface Beside {
  readonly tensors?: Tensors;
  readonly values?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  readonly subtract?: boolean | undefined;
  readonly stated?: StatedSettings;
  /** Before the names of the weights. */
  readonly prefix?: string;
}

async function read({ tensors = {}, values = {}, config = {}, subtract, stated = {}, prefix = '' }: Beside) {
  const named = Object.entries(weights).map(([name, value]) => [prefix + name, value]);
  const checkpoint = await checkpointOf({
    file: '/saes/sae.pt',
    tensors: { ...Object.fromEntries(named), ...tensors },
    configs: { 'config.json': { architecture: 'relu', ...config } },
    format: 'torch',
    values: values as PlainMap,
  });
  const told = subtract === undefined ? {} : { subtractDecoderBias: subtract };
  return readSae({ ...checkpoint, stated: { ...told, ...stated } });
}

async function expectOutput(sae: Sae, expected: ReturnType<typeof byHand>): Promise<void> {
  const { codes, reconstruction } = await outputOf(sae, x);
  codes.forEach((code, i) => {
    expect(code).toBeCloseTo(expected.codes[i], 5);
  });
  reconstruction.forEach((value, j) => {
    expect(value).toBeCloseTo(expected.reconstruction[j], 5);
  });
}

/** Mean and sample SD of the row, as BatchTopK and SAELens take them. */
function ofRow() {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const sd = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1));
  return { centre: same(mean), divisor: same(sd + 1e-5), factor: same(sd) };
}

function toLength() {
  const scale = Math.hypot(...x) / Math.sqrt(x.length);
  return { centre: same(0), divisor: same(scale), factor: same(scale) };
}

const norms = { 'layer-norm': ofRow, 'constant-norm': toLength } as const;
const subtracting = ['apply_b_dec_to_input', 'apply_decoder_bias_to_pre_encoder', 'use_pre_enc_bias'];
const transcoding = ['is_transcoder', 'transcode'];
const docs = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');

describe('settings', () => {
  it('are in the documentation, each with where it comes from', () => {
    for (const { name, from } of knownSettings)
      expect(docs).toMatch(new RegExp(`\`${name}\`.*${from.slice(0, 8)}`));
    expect(knownSettings.length + Object.keys(refusedTensors).length).toBeGreaterThanOrEqual(25);
  });

  const applied = knownSettings.flatMap(({ name, norms: of = {} }) =>
    Object.entries(of).map(([value, norm]) => [name, value === 'true' ? true : value, norm] as const),
  );
  it.each(applied)('%s %s is applied', async (name, value, norm) => {
    for (const beside of [{ config: { [name]: value } }, { values: { cfg: { [name]: String(value) } } }]) {
      const { sae, assumptions } = await read({ ...beside, subtract: true });
      await expectOutput(sae, byHand(norms[norm as 'layer-norm'](), true));
      expect(assumptions.at(-1)?.of).toBe(`${name} ${value}`);
    }
  });

  it.each(subtracting)('%s is applied', async (name) => {
    for (const subtract of [true, false]) {
      const { sae } = await read({ config: { [name]: subtract } });
      await expectOutput(sae, byHand(asItIs, subtract));
    }
  });

  it.each(transcoding)('%s is applied', async (name) => {
    const { sae } = await read({ config: { [name]: true } });
    expect(sae.transcoder).toBe(true);
    await expectOutput(sae, byHand(asItIs, false));
    expect((await read({ config: { [name]: 'False' }, subtract: true })).sae.transcoder).toBeUndefined();
  });

  it.each([
    ...subtracting,
    ...transcoding,
  ])('%s that says neither yes nor no is refused, and --ignore with a flag lets it be', async (name) => {
    const config = { [name]: 'sometimes' };
    await expect(read({ config })).rejects.toThrow(
      new RegExp(`neither yes nor no; found sometimes; .*--ignore.*${name}`),
    );
    await expectOutput(
      (await read({ config, subtract: true, stated: { ignore: [name] } })).sae,
      byHand(asItIs, true),
    );
  });

  it('of a transcoder that has a bias of what it writes take b_dec from what it reads', async () => {
    const b_dec_out = [5, -6, 7];
    for (const beside of [{ config: { is_transcoder: true } }, {}]) {
      const { sae } = await read({ ...beside, tensors: { b_dec_out } });
      const { codes, reconstruction } = byHand(asItIs, true);
      const written = reconstruction.map((value, j) => value - weights.b_dec[j] + b_dec_out[j]);
      await expectOutput(sae, { codes, reconstruction: written });
      expect(sae.transcoder).toBe(true);
    }
  });

  const changing = knownSettings.filter(
    ({ name, harmless }) => harmless !== 'any' && ![...subtracting, ...transcoding].includes(name),
  );
  it.each(
    changing.map(({ name, harmless = [] }) => [name, harmless] as const),
  )('%s of another value is refused by name, and --ignore lets it be', async (name, harmless) => {
    const refused = read({ config: { [name]: 2.5 }, subtract: false });
    await expect(refused).rejects.toMatchObject({
      code: 'input.format',
      details: { field: `setting ${name}` },
    });
    await expect(refused).rejects.toThrow(`--ignore ${name}`);
    const { sae, assumptions } = await read({
      config: { [name]: 2.5 },
      subtract: false,
      stated: { ignore: [name] },
    });
    await expectOutput(sae, byHand(asItIs, false));
    expect(assumptions).toContainEqual({ of: `setting ${name}`, taken: 'nothing', because: '--ignore' });
    for (const value of [...(harmless as unknown[]), null, false, 'none', 'False']) {
      await expectOutput(
        (await read({ config: { [name]: value }, subtract: false })).sae,
        byHand(asItIs, false),
      );
    }
  });

  it.each(
    knownSettings.filter(({ harmless }) => harmless === 'any').map(({ name }) => name),
  )('%s changes nothing', async (name) => {
    await expectOutput(
      (await read({ config: { [name]: true }, subtract: false })).sae,
      byHand(asItIs, false),
    );
  });

  it('of BatchTopK’s classes say that the decoder bias is subtracted', async () => {
    const config = { sae_type: 'vanilla', input_unit_norm: true, act_size: 3, dict_size: 4 };
    await expectOutput((await read({ config })).sae, byHand(ofRow(), true));
  });

  it('that stand for two norms are refused', async () => {
    const config = { input_unit_norm: true, norm_activation: 'token-wise' };
    await expect(read({ config, subtract: true })).rejects.toThrow(/more than one normalisation/);
  });
});

describe('tensors', () => {
  const mean = [1, -2, 0.5];
  const std = [2, 0.5, 4];
  const standardised = { centre: mean, divisor: std, factor: std };

  it('are in the documentation', () => {
    for (const name of [...meanNames, ...sdNames, ...Object.keys(refusedTensors)])
      expect(docs).toContain(`\`${name}\``);
  });

  it.each(
    meanNames.map((name, i) => [name, sdNames[i]] as const),
  )('%s and %s are applied', async (ofMean, ofSd) => {
    const tensors = { [ofMean]: mean, [ofSd]: std };
    for (const prefix of ['', 'state_dict/', 'model/sae.']) {
      for (const subtract of [true, false]) {
        const { sae, assumptions } = await read({ tensors, prefix, subtract });
        await expectOutput(sae, byHand(standardised, subtract));
        expect(assumptions.at(-1)).toMatchObject({ of: `${ofMean} F32 [3], ${ofSd} F32 [3]` });
      }
    }
  });

  it('of means or SDs alone, or of one number, are applied', async () => {
    const centred = { centre: mean, divisor: same(1), factor: same(1) };
    await expectOutput(
      (await read({ tensors: { act_mean: mean }, subtract: true })).sae,
      byHand(centred, true),
    );
    const scaled = { centre: same(0), divisor: same(4), factor: same(4) };
    await expectOutput((await read({ tensors: { act_std: 4 }, subtract: true })).sae, byHand(scaled, true));
  });

  it.each([
    ...Object.keys(refusedTensors),
    'something_else',
  ])('%s is refused by name, and --ignore lets it be', async (name) => {
    for (const prefix of ['state_dict/', '']) {
      const tensors = { [name]: [1, 2, 3] };
      const refused = read({ tensors, prefix, subtract: false });
      await expect(refused).rejects.toMatchObject({
        code: 'input.format',
        details: { field: `tensor ${name}` },
      });
      await expect(refused).rejects.toThrow(`--ignore ${name}`);
      const { sae } = await read({ tensors, prefix, subtract: false, stated: { ignore: [name] } });
      await expectOutput(sae, byHand(asItIs, false));
    }
  });

  it('W_skip is refused where it is not of the SAE itself', async () => {
    const refused = read({ tensors: { W_skip: [1, 2, 3] }, prefix: 'state_dict/', subtract: false });
    await expect(refused).rejects.toMatchObject({ details: { field: 'tensor W_skip' } });
  });

  it('of a training are let be', async () => {
    const tensors = {
      'optimizer/state/0/exp_avg': [1],
      'lr_scheduler/last': [1],
      dead_steps: [1],
      rng_state: [1],
    };
    await expectOutput((await read({ tensors, prefix: 'sae/', subtract: false })).sae, byHand(asItIs, false));
  });

  it.each<[string, Tensors, RegExp]>([
    [
      'of another width',
      { mean: [1, 2] },
      /tensor mean: it is of another width.*expected 3, or --ignore mean/,
    ],
    ['that nothing can be divided by', { std: [1, 0, 1] }, /tensor std: .*found 0; .*--ignore std/],
    ['of two kinds', { mean, act_mean: mean }, /more than one normalisation.*tensor act_mean, tensor mean/],
  ])('%s are refused', async (_, tensors, message) => {
    await expect(read({ tensors, subtract: false })).rejects.toThrow(message);
    const ignore = Object.keys(tensors);
    await expectOutput(
      (await read({ tensors, subtract: false, stated: { ignore } })).sae,
      byHand(asItIs, false),
    );
  });

  it('beside another norm are refused, and --ignore of either leaves the other', async () => {
    const config = { input_unit_norm: true };
    const beside = { tensors: { mean }, config, subtract: true };
    await expect(read(beside)).rejects.toThrow(/more than one normalisation.*--ignore NAME for the others/);
    const centred = { centre: mean, divisor: same(1), factor: same(1) };
    await expectOutput((await read({ ...beside, stated: { ignore: ['mean'] } })).sae, byHand(ofRow(), true));
    const other = await read({ ...beside, stated: { ignore: ['input_unit_norm'] } });
    await expectOutput(other.sae, byHand(centred, true));
  });

  it('beside an SAE whose layout normalises by itself are refused, and --ignore lets them be', async () => {
    const cfg = {
      architecture: 'standard',
      d_in: 3,
      d_sae: 4,
      normalize_activations: 'layer_norm',
      metadata: {},
    };
    const written = { file: '/a.safetensors', tensors: { ...weights, mean }, configs: { 'cfg.json': cfg } };
    await expect(readSae(await checkpointOf(written))).rejects.toThrow(/in two ways.*--ignore mean/);
    const stated = { ignore: ['mean'] };
    const { sae } = await readSae({ ...(await checkpointOf(written)), stated });
    await expectOutput(sae, byHand(ofRow(), true));
  });

  describe('and activations', () => {
    // x = mean + z, z ≥ 0, which the identity reconstructs: raw rows less the mean, or rows that are centred already.
    const rng = new Rng(5);
    const far = [40, -30, 20];
    const table = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0)));
    const file = { W_enc: table, W_dec: table, b_enc: [0, 0, 0], b_dec: [0, 0, 0], act_mean: far };
    const codes = Array.from({ length: 300 }, () => far.map(() => 3 * rng.uniform()));
    const written = {
      file: '/a.pt',
      tensors: file,
      configs: { 'config.json': { architecture: 'relu', d_sae: 3 } },
    };
    const encoder = { 'encoder.weight': table, 'decoder.weight': table, act_mean: far };

    it.each([
      [
        'raw',
        codes.map((z) => z.map((v, j) => v + far[j])),
        'what the input is normalised by, and undone after decoding',
      ],
      ['normalised already', codes, 'nothing'],
    ])('that are %s decide', async (_, rows, taken) => {
      const stated = { architecture: 'relu', activations: { x: fromRows(rows), kernel } } as const;
      const { sae, assumptions } = await readSae({
        ...(await checkpointOf({ ...written, tensors: encoder })),
        stated,
      });
      expect(assumptions.at(-1)?.taken).toBe(taken);
      const { reconstruction } = await outputOf(sae, rows[0]);
      reconstruction.forEach((value, j) => {
        expect(value).toBeCloseTo(rows[0][j], 4);
      });
    });

    it('decide by the better of two readings that both reconstruct them', async () => {
      const small = far.map((v) => v / 100);
      const tensors = { ...encoder, act_mean: small };
      for (const [rows, taken] of [
        [codes, 'nothing'],
        [
          codes.map((z) => z.map((v, j) => v + small[j])),
          'what the input is normalised by, and undone after decoding',
        ],
      ] as const) {
        const stated = { architecture: 'relu', activations: { x: fromRows(rows), kernel } } as const;
        const { assumptions } = await readSae({ ...(await checkpointOf({ ...written, tensors })), stated });
        expect(assumptions.at(-1)?.taken).toBe(taken);
      }
    });

    it('of another width decide nothing', async () => {
      const stated = { architecture: 'relu', activations: { x: fromRows([[1, 2]]), kernel } } as const;
      const { sae } = await readSae({ ...(await checkpointOf({ ...written, tensors: encoder })), stated });
      expect((sae.inputNorm as Standardisation).mean).toEqual(Float32Array.from(far));
    });
  });

  it('fold into the weights for tools that have none, with the same codes and reconstructions', async () => {
    for (const subtract of [true, false]) {
      const { sae } = await read({ tensors: { mean, std }, subtract });
      const folded = foldStandardisation(sae);
      expect(folded.inputNorm).toBeUndefined();
      await expectOutput(folded, byHand(standardised, subtract));
      const activation = {
        kind: 'gated',
        magnitudeBias: Float32Array.of(0.5, 1, -1, 2),
        magnitudeLogScale: Float32Array.of(0, 0.5, -0.5, 1),
      } as const;
      const gated = { ...sae, architecture: 'gated', activation };
      const [own, other] = [gated, foldStandardisation(gated)];
      await expectOutput(other, await outputOf(own, x));
      // What it writes was never standardised, so its decoder stays.
      const transcoder = { ...sae, transcoder: true } as const;
      const moved = foldStandardisation(transcoder);
      expect(moved.decoder).toEqual(sae.decoder);
      await expectOutput(moved, await outputOf(transcoder, x));
    }
  });
});
