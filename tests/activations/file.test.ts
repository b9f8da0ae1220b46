// Activations from .npy and .safetensors files: the same numbers, and clear messages for anything else.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { loadActivations } from '../../src/activations/file.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import type { Tensor } from '../../src/formats/tensor.js';

const npy = (name: string): string => fileURLToPath(new URL(`../fixtures/npy/${name}.npy`, import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-x-'));
});

async function safetensors(name: string, tensors: Record<string, Tensor>): Promise<string> {
  const file = join(folder, `${name}.safetensors`);
  await writeFile(file, encodeSafetensors(tensors));
  return file;
}

it('are read as float32 from either kind of file, and from float64 and float16', async () => {
  const values = Float64Array.of(0.1, -2.5, 3, 1e-3, 0, 1024);
  const doubles = await safetensors('doubles', { any: { shape: [2, 3], data: values } });
  for (const file of [npy('single'), npy('double'), doubles]) {
    const { rows, cols, data } = await loadActivations(file);
    expect([rows, cols]).toEqual([2, 3]);
    expect(data).toEqual(Float32Array.from(values));
    expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  }
  expect((await loadActivations(npy('half'))).data[5]).toBe(1024);
});

it('of another rank, another type, or more than one tensor are refused', async () => {
  const row = { shape: [3], data: Float32Array.of(1, 2, 3) };
  const refused = async (file: string) => (await loadActivations(file).catch((e) => e)).message as string;
  expect(await refused(npy('vector'))).toMatch(
    /vector\.npy, tensor array: .*two dimensions; found \[3\]; expected \[rows × d\]/,
  );
  expect(await refused(await safetensors('row', { x: row }))).toMatch(
    /row\.safetensors, tensor x: .*found \[3\]/,
  );
  expect(await refused(await safetensors('two', { x: row, y: row }))).toMatch(
    /two\.safetensors: which tensor .*found x, y; expected one tensor/,
  );
  expect(await refused(await safetensors('none', {}))).toMatch(/found no tensors/);
  const whole = { shape: [1, 3], data: Int32Array.of(1, 2, 3) };
  expect(await refused(await safetensors('whole', { x: whole }))).toMatch(/tensor x: .*floats; found I32/);
  expect(await refused(fileURLToPath(import.meta.url))).toMatch(
    /file\.test\.ts: it is not a file of tensors .*found bytes 47 47 .*expected safetensors, \.npy or \.npz/,
  );
});
