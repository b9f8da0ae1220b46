// Every checkpoint of the real packages, written in every layout: read again it gives the codes and reconstructions that the
// package computes, or it was refused with what to do instead.
import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ReseedError } from '../../src/errors.js';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { float32Tensor } from '../../src/formats/tensor.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { convertSae } from '../../src/sae/convert.js';
import { convertLayouts } from '../../src/sae/convert-layouts.js';
import { decode, encode } from '../../src/sae/encode.js';
import { openSae } from '../../src/sae/open-sae.js';
import type { Sae } from '../../src/sae/sae.js';
import {
  dictionaryLearningFiles,
  encodeDictionaryLearning,
} from '../../src/sae/sources/dictionary-learning-write.js';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import { matrix } from '../../src/tensor/index.js';
import type { SparseCodes } from '../../src/tensor/sparse-codes.js';

interface Case {
  readonly package: string;
  readonly case: string;
  readonly path: string;
  readonly expected?: string;
  readonly refuse?: string;
  readonly stated?: StatedSettings;
}

const peers = new URL('../fixtures/peers/', import.meta.url).pathname;
const cases = (JSON.parse(readFileSync(`${peers}index.json`, 'utf8')) as Case[]).filter(
  (one) => one.expected !== undefined && one.refuse === undefined,
);
const folder = mkdtempSync(join(tmpdir(), 'reseed-convert-'));
const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** What was refused, by layout: kept here so that a layout that refuses more is seen. */
const refused: Record<string, string[]> = { saelens: [], safetensors: [], dictionary_learning: [] };

describe.each(convertLayouts)('%s', (layout) => {
  test.each(cases.map((one) => [`${one.package}/${one.case}`, one] as const))('%s', async (name, one) => {
    const source = `${peers}${one.path}`;
    const to = join(folder, layout, name.replaceAll('/', '-'));
    // Where it is left open how a file is read, and not stated, there is nothing to convert.
    const before = await openSae(source, one.stated).catch(() => undefined);
    if (!before) return;
    const { tensors } = await readSafetensors(`${peers}${one.expected}`);
    const [rows, cols] = tensors.get('x')!.shape;
    const x = matrix(rows, cols, float32Tensor(tensors, 'x', [rows, cols], name));
    try {
      await convertSae(source, layout, to, one.stated);
    } catch (error) {
      expect(error).toBeInstanceOf(ReseedError);
      const { kind } = before.sae.activation;
      refused[layout].push(kind);
      const { message } = error as ReseedError;
      if (kind === 'routed') return expect(message).toContain('compare and inspect read it as it is');
      const other = /--to (saelens|safetensors)/.exec(message)?.[1] as 'saelens' | 'safetensors';
      return expect(convertSae(source, other, `${to}-${other}`, one.stated)).resolves.toBeDefined();
    }
    const { sae } = await openSae(to);
    const [expected, found] = [await encode(before.sae, x, kernel), await encode(sae, x, kernel)];
    expect([...found.indices]).toEqual([...expected.indices]);
    expect(farthest(found, expected)).toBeLessThan(1e-5);
    const [wanted, made] = [decode(before.sae, expected, x), decode(sae, found, x)];
    const largest = wanted.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    made.data.forEach((value, e) => {
      expect(Math.abs(value - wanted.data[e])).toBeLessThan(1e-5 * largest);
    });
    expect(sae.transcoder ?? false).toBe(before.sae.transcoder ?? false);
  });
});

test('a class that subtracts the decoder bias makes up for it in the biases of gate and magnitude', async () => {
  const gated: Sae = {
    architecture: 'gated',
    activation: {
      kind: 'gated',
      magnitudeBias: Float32Array.of(1, 2, 3),
      magnitudeLogScale: Float32Array.of(0.5, -0.5, 1),
    },
    encoder: matrix(3, 2, Float32Array.of(1, 2, -1, 1, 0.5, 3)),
    encoderBias: Float32Array.of(1, 0, -1),
    decoder: matrix(3, 2, Float32Array.of(1, 0, 0, 1, 1, 1)),
    decoderBias: Float32Array.of(3, -2),
    subtractDecoderBias: false,
  };
  const to = join(folder, 'gated');
  await mkdir(to, { recursive: true });
  const { weights, config } = encodeDictionaryLearning(gated, undefined, {}, 'memory');
  await writeFile(join(to, dictionaryLearningFiles.weights), weights);
  await writeFile(join(to, dictionaryLearningFiles.config), config);
  const { sae } = await openSae(to);
  expect(sae.subtractDecoderBias).toBe(true);
  const x = matrix(3, 2, Float32Array.of(1, 2, -3, 4, 0.5, -1));
  const [wanted, found] = [await encode(gated, x, kernel), await encode(sae, x, kernel)];
  expect(wanted.indices.length).toBeGreaterThan(3);
  expect([...found.indices]).toEqual([...wanted.indices]);
  expect(farthest(found, wanted)).toBeLessThan(1e-6);
});

test('little is refused', () => {
  expect(cases.length).toBeGreaterThan(150);
  expect(new Set(refused['saelens'])).toEqual(new Set(['groupmax', 'routed', 'topk']));
  expect(refused['saelens'].length).toBeLessThan(10);
  expect(refused['safetensors']).toEqual(['routed']);
  expect(refused['dictionary_learning'].length).toBeLessThan(70);
});

function farthest({ values }: SparseCodes, expected: SparseCodes): number {
  const largest = expected.values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return values.reduce((most, value, e) => Math.max(most, Math.abs(value - expected.values[e])), 0) / largest;
}
