// Contract of reconstruction errors: by hand, against a decoded matrix, and the same bytes from every kernel.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reconstructionErrors } from '../../src/kernel/portable/reconstruction.js';
import { fromDense, fromRows, Rng, type SparseCodes, zeros } from '../../src/tensor/index.js';
import { describeEveryKernel } from './every-kernel.js';

/** Codes with up to `most` entries a row, some rows without any. */
function randomCodes(rows: number, features: number, most: number, rng: Rng): SparseCodes {
  return fromDense(
    Array.from({ length: rows }, () => {
      const row = new Array<number>(features).fill(0);
      for (let e = rng.below(most + 1); e > 0; e--) row[rng.below(features)] = Math.fround(rng.normal());
      return row;
    }),
    features,
  );
}

function randomCase(rows: number, features: number, width: number, seed: number) {
  const rng = new Rng(seed, 'reconstruction');
  const [decoder, x] = [zeros(features, width), zeros(rows, width)];
  const decoderBias = new Float32Array(width);
  for (const values of [decoder.data, x.data, decoderBias]) rng.fillNormal(values);
  return { decoder, decoderBias, x, codes: randomCodes(rows, features, Math.min(features, 40), rng) };
}

describeEveryKernel('reconstruction errors', (one, two) => {
  test('by hand: x̂ = (1, 0) + 2·(0, 3) of (2, 4), and the bias alone of (1, 1)', async () => {
    const decoder = fromRows([
      [9, 9],
      [0, 3],
    ]);
    const x = fromRows([
      [2, 4],
      [1, 1],
    ]);
    const codes = fromDense([
      [0, 2],
      [0, 0],
    ]);
    const errors = await one.reconstructionErrors({ decoder, decoderBias: Float32Array.of(1, 0) }, x, codes);
    expect([...errors]).toEqual([1 + 4, 1]);
    const none = { decoder: zeros(2, 2), decoderBias: new Float32Array(2) };
    expect([...(await one.reconstructionErrors(none, zeros(0, 2), fromDense([], 2)))]).toEqual([]);
  });

  test('as the squares of what a dense product leaves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (rows, features, width, seed) => {
          const { decoder, decoderBias, x, codes } = randomCase(rows, features, width, seed);
          const found = await two.reconstructionErrors({ decoder, decoderBias }, x, codes);
          for (let n = 0; n < rows; n++) {
            let expected = 0;
            for (let j = 0; j < width; j++) {
              let sum = decoderBias[j];
              for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
                sum += codes.values[e] * decoder.data[codes.indices[e] * width + j];
              }
              expected += (x.data[n * width + j] - Math.fround(sum)) ** 2;
            }
            expect(Math.abs(found[n] - expected)).toBeLessThanOrEqual(1e-13 * expected);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the same bytes as the portable function, at any number of threads', async () => {
    for (const [rows, features, width] of [
      [1, 1, 1],
      [70, 33, 7],
      [200, 50, 131],
      [1100, 20, 16],
    ]) {
      const { decoder, decoderBias, x, codes } = randomCase(rows, features, width, rows);
      const expected = reconstructionErrors({ decoder, decoderBias, x, codes, from: 0, to: rows });
      for (const kernel of [one, two]) {
        expect(await kernel.reconstructionErrors({ decoder, decoderBias }, x, codes)).toEqual(expected);
      }
    }
  });

  test('what does not fit together or is not finite is refused, and a cancelled call says so', async () => {
    const { decoder, decoderBias, x, codes } = randomCase(4, 3, 5, 1);
    const wrong = [
      one.reconstructionErrors({ decoder, decoderBias: new Float32Array(4) }, x, codes),
      one.reconstructionErrors({ decoder: zeros(2, 5), decoderBias }, x, codes),
      one.reconstructionErrors({ decoder, decoderBias }, zeros(3, 5), codes),
    ];
    for (const work of wrong) await expect(work).rejects.toMatchObject({ code: 'input.shape' });
    const signal = AbortSignal.abort();
    await expect(
      one.reconstructionErrors({ decoder, decoderBias }, x, codes, { signal }),
    ).rejects.toMatchObject({ code: 'internal.cancelled' });
    x.data[7] = Number.NaN;
    await expect(one.reconstructionErrors({ decoder, decoderBias }, x, codes)).rejects.toThrow(/x\[1, 2\]/);
  });
});
