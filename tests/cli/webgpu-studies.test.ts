// Studies by WebGPU give the bytes of the CPU: results but for the kernel and the time, and the table of features.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findAdapter } from '../../src/kernel/webgpu/open.js';
import { useSwiftShader } from '../contracts/webgpu-device.js';
import { cli } from './cli.js';

useSwiftShader();
const found = await findAdapter();
const folder = mkdtempSync(join(tmpdir(), 'reseed-webgpu-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Large enough that matching and encoding go to a screen that was asked for, and small enough for a GPU that is none. */
const world = { features: 96, dModel: 64, rows: 1024, active: 4, seed: 1 };

const studies = {
  TopK: {
    activations: { planted: world },
    sae: { architecture: 'topk', dSae: 256, k: 8 },
    seeds: { init: [1, 2], order: 'same' },
  },
  'a dense architecture': {
    activations: { planted: world },
    sae: { architecture: 'relu', dSae: 256, sparsity: 0.05 },
    seeds: { init: [1, 2], order: 'same' },
  },
  'worlds that share a half': {
    activations: { planted: { ...world, overlap: [0.5], noise: 0.1 } },
    sae: { architecture: 'batchtopk', dSae: 256, k: 4 },
    seeds: { init: [1, 2], order: 'same' },
  },
};

it('has an adapter, or it is said that studies are not run', () => {
  if ('problem' in found) console.warn(`tests/cli/webgpu-studies left out: ${found.problem}`);
  expect('problem' in found ? found.problem : found.name).toMatch(/./);
});

it.runIf(!('problem' in found)).each(Object.entries(studies))('%s', async (name, study) => {
  const file = join(folder, 'study.yaml');
  const text = {
    name: 'webgpu',
    training: { recipe: 'plain', epochs: 2, batchSize: 64, learningRate: 0.003 },
    analysis: { seed: 0, draws: 2 },
    ...study,
  };
  await writeFile(file, JSON.stringify(text));
  const outcomes = [];
  for (const kernel of ['webgpu', 'auto']) {
    const out = join(folder, name.replaceAll(/\W+/g, '-'), kernel);
    const { code, stderr } = await cli('run', file, '--out', out, '--kernel', kernel);
    if (code !== 0) throw new Error(stderr);
    const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'));
    const by = results.reseed.kernel;
    delete results.reseed.kernel;
    delete results.createdAt;
    const features = await readFile(join(out, 'features.parquet'));
    outcomes.push({
      by,
      stderr,
      results: JSON.stringify(results).replaceAll(out, 'OUT'),
      features: features.toString('base64'),
    });
  }
  const [gpu, cpu] = outcomes;
  expect([gpu.by, cpu.by === 'webgpu']).toEqual(['webgpu', false]);
  expect(gpu.stderr).not.toMatch(/given up/);
  expect(gpu.results).toBe(cpu.results);
  expect(gpu.features).toBe(cpu.features);
});
