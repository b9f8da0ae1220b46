// The features of a group that are kept between runs come back to the bit.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { featureStability } from '../../src/features/feature-stability.js';
import { encodeStability, readStability } from '../../src/features/stability-file.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { plantedSae } from '../study/planted-saes.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

it('with every array, name and absence', async () => {
  const members = ['one.sae', 'two'].map((id, n) => ({
    id,
    sae: plantedSae(n),
    ...(n ? { init: plantedSae(7) } : {}),
  }));
  const features = (await featureStability(members, kernel))!;
  const file = join(await mkdtemp(join(tmpdir(), 'reseed-features-')), 'kept.safetensors');
  await writeFile(file, encodeStability(features));
  expect(await readStability(file)).toEqual(features);
  expect(features.summaries[0]).not.toHaveProperty('initCosine');
});
