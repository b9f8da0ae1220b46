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
import { TooMany } from '../../src/kernel/screened/screen.js';
import { type Slack, slackOf } from '../../src/kernel/webgpu/bound.js';
import { ScreenDevice } from '../../src/kernel/webgpu/device.js';
import { findAdapter } from '../../src/kernel/webgpu/open.js';
import { webgpuScreen } from '../../src/kernel/webgpu/screen.js';
import { type Matrix, Rng, sharedFloat32 } from '../../src/tensor/index.js';
import { laneProduct } from './lane-product.js';
import { useSwiftShader } from './webgpu-device.js';

useSwiftShader();
const found = await findAdapter();

function random(rows: number, cols: number, seed: number, value = (rng: Rng) => rng.normal()): Matrix {
  const rng = new Rng(seed, 'webgpu');
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => value(rng)) };
}

describe('the bound', () => {
  it('covers float32 sums in any order, one after the other being the worst', () => {
    // The worst that rounding to nearest reaches is half of what either neighbour would.
    for (const d of [1, 8, 200, 3000]) {
      for (let seed = 0; seed < 20; seed++) {
        const [a, b] = [random(1, d, seed), random(1, d, seed + 100, () => 0.25 + 2 ** -13)];
        let sum = 0;
        for (let t = 0; t < d; t++) sum = Math.fround(sum + Math.fround(a.data[t] * b.data[t]));
        const error = Math.abs(sum - laneProduct(a, 0, b, 0));
        const lengths = Math.sqrt(laneProduct(a, 0, a, 0)) * Math.sqrt(laneProduct(b, 0, b, 0));
        const { relative, absolute } = slackOf(d, 0) as Slack;
        expect(2 * error).toBeLessThanOrEqual(relative * lengths + absolute);
      }
    }
  });

  it('by hand: one product of depth 1, and a price', () => {
    const terms = (2 * 2 ** -23) / (1 - 2 * 2 ** -23);
    const { relative, absolute } = slackOf(1, 0) as Slack;
    expect(relative / (2 * terms + 2 ** -20) - 1).toBeCloseTo(2 ** -18, 9);
    expect(absolute / 2 ** -99 - 1).toBeCloseTo(2 ** -18, 9);
    expect((slackOf(1, 3)?.absolute ?? 0) / (3 * 2 ** -20) - 1).toBeCloseTo(2 ** -18, 9);
  });

  it('is none where float32 says little', () => {
    expect(slackOf(2 ** 19 - 1, 0)).toBeDefined();
    expect(slackOf(2 ** 19, 0)).toBeUndefined();
    expect(slackOf(8, 1e27)).toBeUndefined();
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

  it('gives the same results past the edges of tiles, quads and copies, with lists read in parts', async () => {
    // Three rows a copy at most, so that four buffers take turns; one round trip for some pairs, more for the others.
    const { kernel, below, lines } = await opened({ upload: 2048, eager: 50, list: 700 });
    for (const [f, g, d] of [
      [1, 129, 1],
      [127, 128, 3],
      [130, 257, 7],
      [129, 33, 161],
    ]) {
      const [a, b] = [random(f, d, d), random(g, d, d + 1)];
      expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
      const m = Math.min(g, 40);
      expect(await kernel.nearest(a, b, m)).toEqual(await below.nearest(a, b, m));
    }
    expect(lines).toEqual([]);
    expect(kernel.id).toBe('webgpu');
  });

  it('lists as little for short and long rows as for those of length 1, and leaves larger values alone', async () => {
    const { device } = await opened();
    const screen = webgpuScreen(device, 'a test device');
    const [a, b] = [random(140, 40, 1), random(150, 40, 2)];
    const listed = async (scale: number): Promise<number> => {
      const rows = { ...a, data: a.data.map((v) => v * scale) };
      let count = 0;
      const query = { a: rows, b, m: 2, by: 'both', of: 'rows and columns' } as const;
      for await (const { pairs } of screen.list(query)) count += pairs.partners.length;
      return count;
    };
    const usual = await listed(1);
    for (const power of [-40, -1, 1, 20]) expect(await listed(2 ** power)).toBe(usual);
    const most = a.data.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
    expect(await listed(2 ** 24 / most)).toBeLessThan(1.1 * usual);
    await expect(listed((1.001 * 2 ** 24) / most)).rejects.toThrow(TooMany);
    await expect(listed(2 ** 120)).rejects.toThrow(TooMany);
  });

  it('knows a row of subnormal numbers from one of zeros', async () => {
    const { kernel, below, lines } = await opened();
    const a = random(6, 5, 1, (rng) => (rng.below(3) - 1) * 2 ** -140);
    const b = random(7, 5, 2);
    a.data.fill(0, 0, 5);
    a.data[5] = 2 ** -149;
    expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
    expect(await kernel.nearest(a, b, 3)).toEqual(await below.nearest(a, b, 3));
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
