// SAEs as they are published without a package: where they read as SAELens has it, and pairs of linear layers by hand.
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { openSae } from '../../src/sae/open-sae.js';
import { readSae } from '../../src/sae/read-sae.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

const folder = new URL('../fixtures/peers/', import.meta.url).pathname;
const published = (
  JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as {
    package: string;
    case: string;
    path: string;
    hook: string;
  }[]
).filter((one) => one.package === 'published');

test.each(
  published.map((one) => [one.case, one.path, one.hook] as const),
)('%s reads where the loader of SAELens says', async (_, path, hook) => {
  const { hookName, origin } = await openSae(`${folder}${path}`);
  expect(hookName).toBe(hook);
  expect(origin.layer).toBe(/\d+/.test(hook) ? Number(/\d+/.exec(hook)?.[0]) : undefined);
});

describe('a pair of linear layers', () => {
  const layers = (encoder: string, decoder: string): Record<string, Values> => ({
    [`${encoder}.weight`]: [
      [1, 0],
      [0, 1],
      [-1, -1],
    ],
    [`${encoder}.bias`]: [0, -4, 0],
    [`${decoder}.weight`]: [
      [1, 0, 5],
      [2, 3, 5],
    ],
    [`${decoder}.bias`]: [10, 20],
  });
  const goodfire = layers('encoder_linear', 'decoder_linear');
  const plain = layers('encoder', 'decoder');
  const read = async (file: string, tensors: Record<string, Values>) =>
    readSae(await checkpointOf({ file, tensors, format: 'torch' }));

  it.each([
    ['goodfire', 'Llama-3.1-8B-Instruct-SAE-l19.pth', goodfire, 19],
    ['goodfire', 'moved.pt', goodfire, undefined],
    ['deepseek-r1', '/hub/DeepSeek-R1-Distill-Llama-8B-SAE-l4.pt', plain, 4],
  ])('%s: %s', async (format, file, tensors, layer) => {
    const { sae, origin } = await read(file, tensors);
    // p = (3, 1 − 4, −4): with the bias of the decoder subtracted, the third alone would be above 0.
    expect(await outputOf(sae, [3, 1])).toEqual({ codes: [3, 0, 0], reconstruction: [13, 26] });
    expect(origin).toEqual({ format, path: file, ...(layer === undefined ? {} : { layer }) });
  });

  it.each<[string, string, Record<string, Values>, RegExp]>([
    [
      'another tensor',
      'a.pth',
      { ...goodfire, k: 4 },
      /tensor k: it holds tensors that Goodfire does not have/,
    ],
    [
      'a decoder the other way round',
      'a.pth',
      { ...goodfire, 'decoder_linear.weight': goodfire['encoder_linear.weight'] },
      /decoder_linear\.weight: .*found \[3 × 2\]; expected \[2 × 3\]/,
    ],
  ])('refuses %s', async (_, file, tensors, message) => {
    await expect(read(file, tensors)).rejects.toThrow(message);
  });

  it('is not taken for one of DeepSeek-R1 under another name', async () => {
    const source = await read('SAE-l4.pt', plain).then(
      ({ origin }) => origin.format,
      () => 'refused',
    );
    expect(source).not.toBe('deepseek-r1');
  });
});
