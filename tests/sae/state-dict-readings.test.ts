// Plain state dicts that can be read in several ways: what activations decide, by hand.
import { afterAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { fromRows, Rng } from '../../src/tensor/index.js';
import { read, refusal, turned } from './state-dict-cases.js';

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
