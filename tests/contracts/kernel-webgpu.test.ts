// What is WebGPU's own: many strips and blocks, lists that overflow, a device that fails, and how a kernel is opened.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Kernel } from '../../src/kernel/interface.js';
import { openKernel } from '../../src/kernel/open.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { createScreenedKernel } from '../../src/kernel/screened/index.js';
import { measureRows, slackOf } from '../../src/kernel/webgpu/bound.js';
import { ScreenDevice } from '../../src/kernel/webgpu/device.js';
import { findAdapter } from '../../src/kernel/webgpu/open.js';
import { webgpuScreen } from '../../src/kernel/webgpu/screen.js';
import { fromRows, type Matrix, Rng, sharedFloat32 } from '../../src/tensor/index.js';
import { laneProduct } from './lane-product.js';
import { useSwiftShader } from './webgpu-device.js';

useSwiftShader();
const found = await findAdapter();

function random(rows: number, cols: number, seed: number, value = (rng: Rng) => rng.normal()): Matrix {
  const rng = new Rng(seed, 'webgpu');
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => value(rng)) };
}

describe('the bound', () => {
  it('brings the longest row to length ½ … 1 by a power of two', () => {
    for (const length of [1e-30, 0.49, 0.5, 1, 1.0000001, 7, 3e20]) {
      const { scale, longest, norms } = measureRows(fromRows([[length], [0], [length / 8]]));
      expect(Number.isInteger(Math.log2(scale))).toBe(true);
      expect(longest).toBeGreaterThanOrEqual(0.5);
      expect(longest).toBeLessThan(1.000001);
      expect(norms[1]).toBe(0);
      expect(norms[2] / norms[0]).toBeCloseTo(1 / 8, 6);
    }
    expect(measureRows(fromRows([[0], [0]]))).toMatchObject({ scale: 1, longest: 0 });
  });

  it('covers float32 sums in any order, one after the other being the worst', () => {
    // The worst that rounding to nearest reaches is half of what either neighbour would.
    for (const d of [1, 8, 200, 3000]) {
      for (let seed = 0; seed < 20; seed++) {
        const [a, b] = [random(1, d, seed), random(1, d, seed + 100, () => 0.25 + 2 ** -13)];
        let sum = 0;
        for (let t = 0; t < d; t++) sum = Math.fround(sum + Math.fround(a.data[t] * b.data[t]));
        const [x, y] = [measureRows(a), measureRows(b)];
        const unit = x.scale * y.scale;
        const error = Math.abs(sum - laneProduct(a, 0, b, 0)) * unit;
        expect(2 * error).toBeLessThanOrEqual(slackOf(x.norms[0], y.norms[0], d, 0));
      }
    }
  });

  it('by hand: one product of depth 1 between unit rows, and a price', () => {
    const terms = (2 * 2 ** -23) / (1 - 2 * 2 ** -23);
    expect(slackOf(1, 1, 1, 0)).toBeCloseTo(2 * terms + 2 ** -20, 15);
    expect(slackOf(1, 1, 1, 3) - slackOf(1, 1, 1, 0)).toBeCloseTo(3 * 2 ** -20, 15);
    expect(slackOf(1, 1, 2 ** 20, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe.skipIf('problem' in found)('a WebGPU device', () => {
  const open: Kernel[] = [];
  afterEach(async () => {
    for (const kernel of open.splice(0)) await kernel.close();
  });

  /** A screened kernel over a device with these limits, the device, and the lines that it says. */
  async function opened(limits: Parameters<typeof ScreenDevice.open>[1] = {}) {
    const again = await findAdapter();
    if ('problem' in again) throw new Error(again.problem);
    const device = await ScreenDevice.open(again.adapter, limits);
    const lines: string[] = [];
    const below = createPortableKernel({ threads: 1 });
    const onTrouble = (line: string) => void lines.push(line);
    const kernel = createScreenedKernel(below, webgpuScreen(device, 'a test device'), {
      worth: 0,
      onTrouble,
    });
    open.push(kernel);
    return { device, lines, kernel, below };
  }

  it('gives the same results in small strips, blocks and lists', async () => {
    const { kernel, below, lines } = await opened({ largest: 4096, strip: 19, list: 70 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.nat(1000),
        async (f, g, d, ties, seed) => {
          const value = ties ? (rng: Rng) => rng.below(3) - 1 : (rng: Rng) => rng.normal();
          const [a, b] = [random(f, d, seed, value), random(g, d, seed + 1, value)];
          expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
          const nearest = { absolute: seed % 2 === 0 };
          expect(await kernel.nearest(a, b, 7, nearest)).toEqual(await below.nearest(a, b, 7, nearest));
        },
      ),
      { numRuns: 12 },
    );
    expect(lines).toEqual([]);
  });

  it('leaves rows that are all alike to the kernel below, without a word', async () => {
    const { kernel, below, lines } = await opened();
    const data = sharedFloat32(3000 * 2).fill(1);
    const alike = { rows: 3000, cols: 2, data };
    expect(await kernel.bestMatches(alike, alike)).toEqual(await below.bestMatches(alike, alike));
    expect(lines).toEqual([]);
  });

  it('goes on without a device that is lost, and says so once', async () => {
    const { device, kernel, below, lines } = await opened();
    const [a, b] = [random(50, 8, 1), random(60, 8, 2)];
    device.close();
    expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
    expect(await kernel.nearest(a, b, 3)).toEqual(await below.nearest(a, b, 3));
    expect(lines).toEqual([
      expect.stringMatching(/^a test device is given up \(.+\); the CPU goes on from here$/),
    ]);
    expect(kernel.id).toBe('portable');
  });

  it('goes on without a device that does not answer', async () => {
    const { kernel, below, lines } = await opened({ patience: 0 });
    const [a, b] = [random(500, 64, 1), random(600, 64, 2)];
    expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
    expect(lines).toEqual([expect.stringMatching(/no answer for 0 s/)]);
  });

  it('stops between strips when it is cancelled', async () => {
    const { kernel, lines } = await opened({ strip: 8 });
    const stop = new AbortController();
    const work = kernel.bestMatches(random(900, 32, 1), random(900, 32, 2), { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    expect(lines).toEqual([]);
  });

  it('is opened by its name, and is no choice of auto where it computes on the CPU', async () => {
    const asked = await openKernel({ kernel: 'webgpu', threads: 1 });
    open.push(asked);
    expect(asked.reason).toMatch(/^WebGPU on /);
    const [a, b] = [random(400, 64, 1), random(400, 64, 2)];
    await asked.bestMatches(a, b);
    expect(asked.id).toBe('webgpu');
    const lines: string[] = [];
    const auto = await openKernel({ threads: 1, onLine: (line) => lines.push(line) });
    open.push(auto);
    await auto.bestMatches(a, b);
    expect(auto.id).not.toBe('webgpu');
    expect(lines).toEqual([]);
  });
});

const deno = join('node_modules', '.bin', 'deno');

describe.skipIf('problem' in found || !existsSync(deno))('another compiler of shaders', () => {
  it('gives the same results in Deno', async () => {
    const script = ['run', '-A', '--unstable-webgpu', 'tests/contracts/webgpu-peer.mjs'];
    const { stdout } = await promisify(execFile)(deno, script, { timeout: 120_000 });
    expect(stdout).toMatch(/: 36 results equal/);
  });
});

describe('without WebGPU', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('says why there is none', async () => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
    await expect(openKernel({ kernel: 'webgpu' })).rejects.toMatchObject({
      code: 'internal.kernel',
      message: expect.stringMatching(/WebGPU was asked for, but the system offers no WebGPU adapter/),
    });
  });
});
