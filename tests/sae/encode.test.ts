// Every activation by hand on one small SAE, and what is done to the input before and after.
import { afterAll, describe, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decode, encode } from '../../src/sae/encode.js';
import { type Activation, type Sae, takeFeatures } from '../../src/sae/sae.js';
import { strongestOfBlocks } from '../../src/sae/strongest-of-blocks.js';
import { fromDense, fromRows, type Matrix, type SparseCodes } from '../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** p = (x₁ + 1, x₂, x₁ − x₂, −x₁), each feature writing its own number. */
const base: Sae = {
  architecture: 'any',
  activation: { kind: 'relu' },
  subtractDecoderBias: false,
  encoder: fromRows([
    [1, 0],
    [0, 1],
    [1, -1],
    [-1, 0],
  ]),
  encoderBias: Float32Array.of(1, 0, 0, 0),
  decoder: fromRows([
    [1, 0],
    [0, 2],
    [3, 0],
    [0, 4],
  ]),
  decoderBias: Float32Array.of(10, 20),
};

const x = fromRows([[2, 5]]);

function dense({ rows, features, offsets, indices, values }: SparseCodes): number[][] {
  return Array.from({ length: rows }, (_, n) => {
    const out = new Array<number>(features).fill(0);
    for (let e = offsets[n]; e < offsets[n + 1]; e++) out[indices[e]] = values[e];
    return out;
  });
}

const codesOf = async (change: Partial<Sae>, input: Matrix = x) =>
  dense(await encode({ ...base, ...change }, input, kernel))[0];

describe('routed: of p = (3, 5, −3, −2) and p = (−1, 0, −2, 2), in groups of two', () => {
  const input = fromRows([
    [2, 5],
    [-2, 0],
  ]);
  // The first row goes to the second group, the second to the first.
  const router = fromRows([
    [0, 0],
    [1, 0],
  ]);
  const routed = { kind: 'routed', router, routerBias: Float32Array.of(0, -1) } as const;
  test.each([
    [
      'k of the group, which has no more than two',
      { ...routed, k: 3, within: true },
      [
        [0, 0, -3, -2],
        [-1, 0, 0, 0],
      ],
    ],
    [
      'k of the group',
      { ...routed, k: 1, within: true },
      [
        [0, 0, 0, -2],
        [0, 0, 0, 0],
      ],
    ],
    [
      'k of all, of which those of the group stay',
      { ...routed, k: 3, within: false },
      [
        [0, 0, 0, -2],
        [-1, 0, 0, 0],
      ],
    ],
  ])('%s', async (_, activation, codes) => {
    expect(dense(await encode({ ...base, activation }, input, kernel))).toEqual(codes);
  });

  test('groups that do not divide the features: the first have one more, and a tie goes to the first', async () => {
    const three = {
      ...routed,
      router: fromRows([
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
      routerBias: Float32Array.of(1, 1, 0),
    };
    expect(dense(await encode({ ...base, activation: { ...three, k: 4, within: true } }, x, kernel))).toEqual(
      [[0, 5, 0, 0]],
    );
  });
});

describe('codes of p = (3, 5, −3, −2)', () => {
  test.each<[string, Activation, number[]]>([
    ['relu', { kind: 'relu' }, [3, 5, 0, 0]],
    ['topk with ReLU', { kind: 'topk', k: 3, relu: true }, [3, 5, 0, 0]],
    ['topk without', { kind: 'topk', k: 3, relu: false }, [3, 5, 0, -2]],
    ['abstopk', { kind: 'abstopk', k: 3 }, [3, 5, -3, 0]],
    ['abstopk, where a tie goes to what is above 0', { kind: 'abstopk', k: 2 }, [3, 5, 0, 0]],
    ['jumprelu', { kind: 'jumprelu', threshold: Float32Array.of(4, 4, -9, -9) }, [0, 5, 0, 0]],
    [
      'gated: e^r·(p − b) + b_m where p > 0',
      {
        kind: 'gated',
        magnitudeBias: Float32Array.of(0.5, -20, 9, 9),
        magnitudeLogScale: Float32Array.of(Math.log(2), 0, 0, 0),
      },
      [4.5, 0, 0, 0],
    ],
    ['groupmax: blocks {0, 1} and {2, 3}', { kind: 'groupmax', k: 2 }, [0, 5, 0, 0]],
  ])('%s', async (_, activation, expected) => {
    (await codesOf({ activation })).forEach((code, i) => {
      expect(code).toBeCloseTo(expected[i], 6);
    });
  });

  test('the decoder bias is taken off first where the SAE does that', async () => {
    expect(await codesOf({ subtractDecoderBias: true })).toEqual([0, 0, 7, 8]);
  });
});

test('abstopk: the decoder bias is taken off first, and features ascend whatever their signs', async () => {
  const sae: Sae = { ...base, activation: { kind: 'abstopk', k: 4 }, subtractDecoderBias: true };
  const codes = await encode(
    sae,
    fromRows([
      [2, 5],
      [13, 21],
      [10, 20],
    ]),
    kernel,
  );
  expect(dense(codes)).toEqual([
    [-7, -15, 7, 8],
    [4, 1, 2, -3],
    [1, 0, 0, 0],
  ]);
  expect([...codes.indices]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0]);
});

test('groupmax: ties go to the lower feature, blocks without a code stay empty', () => {
  const codes = fromDense([
    [2, 2, 0, 0, 1, 3],
    [0, 0, 4, 0, 0, 0],
  ]);
  expect(dense(strongestOfBlocks(codes, 3))).toEqual([
    [2, 0, 0, 0, 0, 3],
    [0, 0, 4, 0, 0, 0],
  ]);
});

describe('input norms', () => {
  test('constant norm: x·√d/‖x‖, and back', async () => {
    const sae: Sae = { ...base, inputNorm: 'constant-norm' };
    const [a, b] = [3, 4].map((value) => (value * Math.sqrt(2)) / 5);
    const codes = await encode(sae, fromRows([[3, 4]]), kernel);
    expect(dense(codes)[0][0]).toBeCloseTo(a + 1, 6);
    expect(dense(codes)[0][1]).toBeCloseTo(b, 6);
    const scale = 5 / Math.sqrt(2);
    expect(decode(sae, codes, fromRows([[3, 4]])).data[1]).toBeCloseTo((2 * b + 20) * scale, 4);
  });

  test.each([
    1, 1e-4,
  ])('layer norm: (x − μ)/(σ + 1e-5) with the sample SD, and back with σ alone; × %d', async (scale) => {
    const sae: Sae = { ...base, inputNorm: 'layer-norm' };
    const rows = fromRows([[scale, 3 * scale]]);
    const codes = await encode(sae, rows, kernel);
    const sigma = Math.SQRT2 * scale;
    const code = scale / (sigma + 1e-5);
    expect(dense(codes)[0][1]).toBeCloseTo(code, 6);
    // Features 1 and 3 are active alike, and write 2 and 4.
    const written = (6 * code + 20) * sigma + 2 * scale;
    expect(decode(sae, codes, rows).data[1] / written).toBeCloseTo(1, 6);
  });

  test('a row of zeros stays one', async () => {
    expect(await codesOf({ inputNorm: 'constant-norm' }, fromRows([[0, 0]]))).toEqual([1, 0, 0, 0]);
  });
});

describe('decoding', () => {
  test('by hand, with a skip connection', async () => {
    const codes = await encode(base, x, kernel);
    expect(Array.from(decode(base, codes).data)).toEqual([13, 30]);
    const skip = fromRows([
      [1, 1],
      [0, 2],
    ]);
    expect(Array.from(decode({ ...base, skip }, codes, x).data)).toEqual([20, 40]);
  });

  test('says that it needs the input where it does', async () => {
    const codes = await encode(base, x, kernel);
    expect(() => decode({ ...base, inputNorm: 'layer-norm' }, codes)).toThrow(
      /cannot be decoded from its codes/,
    );
  });

  test('a transcoder writes another width than it reads', async () => {
    const sae: Sae = {
      ...base,
      transcoder: true,
      decoder: fromRows([[1], [2], [3], [4]]),
      decoderBias: Float32Array.of(7),
    };
    expect(Array.from(decode(sae, await encode(sae, x, kernel)).data)).toEqual([3 + 10 + 7]);
  });
});

test('features that are taken keep all that is theirs', async () => {
  const threshold = Float32Array.of(4, 4, -9, -9);
  const some = takeFeatures({ ...base, activation: { kind: 'jumprelu', threshold } }, Int32Array.of(1, 0));
  expect(dense(await encode(some, x, kernel))).toEqual([[5, 0]]);
});
