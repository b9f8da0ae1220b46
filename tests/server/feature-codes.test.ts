// Codes of two features, against the columns of the codes that the kernel gives.
import { expect, it } from 'vitest';
import { selectKernel } from '../../src/kernel/select.js';
import { encode } from '../../src/sae/encode.js';
import { CodeReader } from '../../src/server/feature-codes.js';
import { plantedActivations, plantedFiles, plantedSae } from '../study/planted-saes.js';

it('are compared by the cosine of their columns', async () => {
  const { activations } = await plantedFiles(1);
  const codes = await CodeReader.open(activations);
  const kernel = selectKernel({ kernel: 'portable', threads: 1 });
  const saes = [plantedSae(0), plantedSae(1)];
  const columns = await Promise.all(
    saes.map(async (sae) => {
      const { offsets, indices, values, rows } = await encode(sae, plantedActivations(), kernel);
      return (feature: number) =>
        Array.from({ length: rows }, (_, n) => {
          const at = indices.indexOf(feature, offsets[n]);
          return at >= 0 && at < offsets[n + 1] ? values[at] : 0;
        });
    }),
  );
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, n) => sum + value * y[n], 0);
  let known = 0;
  for (const [i, j] of [
    [0, 0],
    [1, 5],
    [7, 20],
    [12, 40],
    [30, 3],
  ]) {
    const [x, y] = [columns[0](i), columns[1](j)];
    const expected = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    const found = await codes.cosine(
      { id: 'a', sae: saes[0], feature: i },
      { id: 'b', sae: saes[1], feature: j },
    );
    if (Number.isNaN(expected)) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 6);
    if (expected > 0) known++;
  }
  expect(known).toBeGreaterThan(0);
  expect(codes.rows).toBe(400);
  await Promise.all([codes.close(), kernel.close()]);
});
