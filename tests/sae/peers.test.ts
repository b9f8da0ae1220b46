// Checkpoints that the real packages wrote: our codes and reconstructions beside their own, or the right refusal.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { ReseedError } from '../../src/errors.js';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { float32Tensor, type Tensor } from '../../src/formats/tensor.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decode, encode } from '../../src/sae/encode.js';
import { openSae } from '../../src/sae/open-sae.js';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import { matrix } from '../../src/tensor/index.js';

/** An entry of index.json, which the scripts beside it write. */
interface Case {
  readonly package: string;
  readonly case: string;
  readonly path: string;
  /** File of x, codes and reconstruction as the package computes them. */
  readonly expected: string;
  readonly transcoder?: boolean;
  readonly k?: number;
  /** What must be stated, where the file leaves it open. */
  readonly stated?: StatedSettings;
  /** What the message must name where the file alone does not tell how to read it. */
  readonly refuse?: string;
  /** The same, where it would be as right to read it. */
  readonly may_refuse?: string;
}

/** Of those that may be refused, the ones that are read. */
const readAnyway: readonly string[] = [
  'sae-lens-2/finetuned-scale',
  'sae-lens-5/finetuned-scale',
  'gemma-scope/embedding',
  'plain/matrices-k',
  'sae-lens/abstopk',
  'sparsify/signed-true',
  'husai/variant-8',
];

const folder = new URL('../fixtures/peers/', import.meta.url).pathname;
const cases = JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as Case[];
const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** Largest error, as a share of the largest value. */
const tolerance = 1e-5;

test('every package has its cases', () => {
  const packages = [...new Set(cases.map((one) => one.package))];
  expect(packages.sort()).toEqual([
    'beside',
    'circuit-tracer',
    'crosscoder',
    'dictionary-learning',
    'e2e-sae',
    'gemma-scope',
    'husai',
    'interplm',
    'openai',
    'openmoss',
    'overcomplete',
    'plain',
    'plain-transcoder',
    'prisma',
    'published',
    'sae-bench',
    'sae-lens',
    'sae-lens-2',
    'sae-lens-5',
    'sae-lens-training',
    'several',
    'sparsify',
  ]);
});

test.each(
  ['interplm/topk', 'overcomplete/relu'].map((name) => [name]),
)('%s is read for its directions alone without what is to be stated', async (name) => {
  const { path, stated } = cases.find((one) => `${one.package}/${one.case}` === name)!;
  const { sae } = await openSae(`${folder}${path}`, { weightsOnly: true });
  expect(sae.activation).toEqual({ kind: 'unknown' });
  expect(sae.decoder).toEqual((await openSae(`${folder}${path}`, stated)).sae.decoder);
});

test.each([
  ['openmoss/crosscoder-jumprelu', 24, 24],
  ['openmoss/crosscoder-token-wise', 24, 24],
  ['openmoss/clt-layertopk-layer1', 8, 16],
  ['openmoss/batchtopk', 8, 8],
  ['openmoss/batch-wise', 8, 8],
  ['openmoss/glu', 8, 8],
  ['openmoss/lorsa', 8, 8],
  ['overcomplete/batchtopk', 8, 8],
  ['overcomplete/quantised', 8, 8],
  ['overcomplete/mlp-encoder', 8, 8],
])('%s, whose codes the file or rows do not tell, is read for its directions alone', async (name, d, dOut) => {
  const { path } = cases.find((one) => `${one.package}/${one.case}` === name)!;
  await expect(openSae(`${folder}${path}`)).rejects.toThrow(
    /no --activations: its directions can be compared/,
  );
  const { sae } = await openSae(`${folder}${path}`, { weightsOnly: true });
  expect([sae.encoder.cols, sae.decoder.cols, sae.decoder.rows]).toEqual([d, dOut, 24]);
});

describe.each([...new Set(cases.map((one) => one.package))])('%s', (from) => {
  const own = cases.filter((one) => one.package === from);
  const isRead = (one: Case) =>
    one.refuse === undefined && (one.may_refuse === undefined || readAnyway.includes(`${from}/${one.case}`));
  const readable = own.filter(isRead);
  test.each(
    readable.map((one) => [one.case, one] as const),
  )('%s encodes and decodes as there', async (_, one) => {
    const { tensors } = await readSafetensors(`${folder}${one.expected}`);
    const table = (name: string) => asMatrix(tensors, name);
    const { sae } = await openSae(`${folder}${one.path}`, one.stated);
    const [x, codes, reconstruction] = ['x', 'codes', 'reconstruction'].map(table);
    const found = await encode(sae, x, kernel);
    const dense = new Float32Array(codes.data.length);
    for (let n = 0; n < found.rows; n++) {
      for (let e = found.offsets[n]; e < found.offsets[n + 1]; e++) {
        dense[n * codes.cols + found.indices[e]] = found.values[e];
      }
    }
    expect(farthest(dense, codes.data)).toBeLessThan(tolerance);
    expect(farthest(decode(sae, found, x).data, reconstruction.data)).toBeLessThan(tolerance);
    expect(active(dense)).toEqual(active(codes.data));
    expect(sae.transcoder ?? false).toBe(one.transcoder ?? false);
  });

  const refused = own.filter((one) => !isRead(one));
  if (refused.length > 0) {
    test.each(refused.map((one) => [one.case, one] as const))('%s is refused', async (_, {
      path,
      stated,
      may_refuse,
      refuse = may_refuse,
    }) => {
      const problem = await openSae(`${folder}${path}`, stated).catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(ReseedError);
      expect((problem as ReseedError).message).toContain(refuse);
      expect((problem as ReseedError).exitCode).toBe(3);
    });
  }
});

function asMatrix(tensors: ReadonlyMap<string, Tensor>, name: string) {
  const [rows, cols] = tensors.get(name)!.shape;
  return matrix(rows, cols, float32Tensor(tensors, name, [rows, cols], name));
}

function farthest(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return found.reduce((most, value, e) => Math.max(most, Math.abs(value - expected[e])), 0) / largest;
}

function active(values: Float32Array): number[] {
  return [...values.keys()].filter((e) => values[e] !== 0);
}
