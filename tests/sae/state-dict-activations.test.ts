// Plain state dicts of SAEs that were trained for a moment: the activations that they reconstruct tell how each is read.
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { float32Tensor } from '../../src/formats/tensor.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decode, encode } from '../../src/sae/encode.js';
import { openSae } from '../../src/sae/open-sae.js';
import { matrix } from '../../src/tensor/index.js';

interface Case {
  readonly package: string;
  readonly case: string;
  readonly path: string;
  readonly expected?: string;
  readonly architecture: 'relu' | 'topk';
}

const folder = new URL('../fixtures/peers/', import.meta.url).pathname;
const cases = (JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as Case[]).filter(
  (one) => one.package === 'plain' && one.expected !== undefined,
);
const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

test('there are such cases, square ones among them', () => {
  expect(cases.length).toBeGreaterThan(12);
  expect(cases.map((one) => one.case)).toEqual(
    expect.arrayContaining(['square', 'square-transposed', 'pair']),
  );
});

test.each(cases.map((one) => [one.case, one] as const))('%s', async (_, { path, expected, architecture }) => {
  const { tensors } = await readSafetensors(`${folder}${expected}`);
  const table = (name: string) => {
    const [rows, cols] = tensors.get(name)!.shape;
    return matrix(rows, cols, float32Tensor(tensors, name, [rows, cols], name));
  };
  const [x, reconstruction] = [table('x'), table('reconstruction')];
  const { sae } = await openSae(`${folder}${path}`, { architecture, activations: { x, kernel } });
  const found = decode(sae, await encode(sae, x, kernel), x);
  const largest = reconstruction.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const worst = found.data.reduce((a, b, e) => Math.max(a, Math.abs(b - reconstruction.data[e])), 0);
  expect(worst / largest).toBeLessThan(1e-5);
});
