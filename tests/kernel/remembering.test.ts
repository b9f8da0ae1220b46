// A kernel that remembers: the same results, computed once for the same content, and again for any other.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { keepIn, prune } from '../../src/formats/kept-files.js';
import { inMemory, type Keep } from '../../src/keep.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { rememberingKernel } from '../../src/kernel/remembering.js';
import { fromDense, type Matrix, Rng, zeros } from '../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
const folder = await mkdtemp(join(tmpdir(), 'kept-'));
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true });
});

function random(rows: number, cols: number, seed: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(seed, 'test').fillNormal(out.data);
  return out;
}

const codes = fromDense([
  [1, 0, 2],
  [0, 3, 1],
  [2, 0, 0],
]);

let calls: string[] = [];
beforeEach(() => {
  calls = [];
});

/** Counts what is really computed. */
const counting: Kernel = {
  ...kernel,
  bestMatches: (...given) => {
    calls.push('bestMatches');
    return kernel.bestMatches(...given);
  },
  assign: (...given) => {
    calls.push('assign');
    return kernel.assign(...given);
  },
  coFiring: (...given) => {
    calls.push('coFiring');
    return kernel.coFiring(...given);
  },
};

const operations: Record<string, (k: Kernel) => Promise<unknown>> = {
  bestMatches: (k) => k.bestMatches(random(5, 4, 1), random(6, 4, 2)),
  assign: (k) => k.assign(random(5, 4, 1), random(6, 4, 2), { absolute: true }),
  assignCodes: (k) => k.assignCodes(codes, codes),
  coFiring: (k) => k.coFiring(codes, codes),
  topSubspace: (k) => k.topSubspace(random(5, 4, 1), 2),
};

describe.each([
  ['in memory', () => inMemory((_, compute) => compute())],
  ['in files', () => keepIn(folder)],
] as const)('kept %s', (_, make) => {
  test.each(Object.entries(operations))('%s is recalled to the bit', async (_name, run) => {
    const keep: Keep = make();
    const plain = await run(kernel);
    expect(await run(rememberingKernel(counting, keep, 0))).toEqual(plain);
    expect(await run(rememberingKernel(counting, keep, 0))).toEqual(plain);
    expect(calls.length).toBeLessThanOrEqual(1);
  });

  test('other content, options or order are other results', async () => {
    const keep = make();
    const k = rememberingKernel(counting, keep, 0);
    const [a, b] = [random(7, 4, 3), random(7, 4, 4)];
    await k.assign(a, b);
    await k.assign(a, b, { absolute: true });
    await k.assign(b, a);
    const changed = random(7, 4, 3);
    changed.data[5] += 1;
    await k.assign(changed, b);
    expect(calls).toHaveLength(4);
    await k.assign(random(7, 4, 3), random(7, 4, 4));
    expect(calls).toHaveLength(4);
  });
});

test('calls that take no time are not kept', async () => {
  const k = rememberingKernel(counting, keepIn(folder));
  await k.bestMatches(random(5, 4, 9), random(6, 4, 9));
  await k.bestMatches(random(5, 4, 9), random(6, 4, 9));
  expect(calls).toHaveLength(2);
});

test('a damaged file is computed anew, and a folder that cannot be written stops nobody', async () => {
  const own = join(folder, 'damaged');
  const value = () =>
    keepIn(own)(['a'], async () => ({ numbers: Float64Array.of(1, -0, Number.NaN), text: 'x' }));
  const first = await value();
  const [part] = await readdir(own);
  const [name] = await readdir(join(own, part));
  await writeFile(join(own, part, name), 'not what was written');
  expect(await value()).toEqual(first);
  expect(Object.is((await value()).numbers[1], -0)).toBe(true);
  await writeFile(join(folder, 'file'), '');
  expect(await keepIn(join(folder, 'file', 'below'))(['a'], async () => 7)).toBe(7);
});

test('what was used longest ago is removed first', async () => {
  const own = join(folder, 'pruned');
  const keep = keepIn(own);
  let made = 0;
  const one = (name: string) =>
    keep([name], async () => {
      made++;
      return new Uint8Array(1000);
    });
  for (const name of ['a', 'b', 'c']) {
    await one(name);
    await new Promise((done) => setTimeout(done, 20));
  }
  await one('a');
  await prune(own, 2500);
  await one('a');
  await one('c');
  expect(made).toBe(3);
  await one('b');
  expect(made).toBe(4);
});
