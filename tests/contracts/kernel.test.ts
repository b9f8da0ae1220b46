// Contract of every kernel: what it refuses, how it is cancelled and closed; and how one is chosen.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ReseedError } from '../../src/errors.js';
import { loadNative } from '../../src/kernel/native/addon.js';
import { selectKernel } from '../../src/kernel/select.js';
import { fromDense, fromRows, type Matrix } from '../../src/tensor/index.js';
import { describeEveryKernel } from './every-kernel.js';
import { copyState, hyper, randomBatches, randomRows, randomState, taskOf } from './training-cases.js';

async function failure(work: Promise<unknown>): Promise<ReseedError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ReseedError);
  return error as ReseedError;
}

const encode = { k: 2, relu: false, subtractDecoderBias: false };

describeEveryKernel('a kernel', (one, two) => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %f', async (value) => {
    const good = fromRows([
      [1, 0],
      [0, 1],
    ]);
    const bad = fromRows([
      [1, 0],
      [value, 1],
    ]);
    const state = randomState(4, 2, 1);
    const before = copyState(state);
    const { weights } = copyState(state);
    weights.decoder[3] = value;
    const refusals = await Promise.all([
      failure(one.bestMatches(bad, good)),
      failure(one.bestMatches(good, bad)),
      failure(one.encodeTopK(state.weights, bad, encode)),
      failure(one.trainTopK(bad, [taskOf(state, [Int32Array.of(0, 1)])], hyper)),
      failure(one.encodeTopK(weights, good, encode)),
    ]);
    expect(refusals.map((e) => e.code)).toEqual(Array(5).fill('input.non-finite'));
    expect(refusals[0].message).toContain('a[1, 0]');
    expect(refusals[0].message).toContain(String(value));
    expect(refusals[1].message).toContain('b[1, 0]');
    expect(refusals[4].message).toContain('decoder[0, 3]');
    expect(state).toEqual(before);
  });

  it('refuses shapes that do not agree', async () => {
    const x = randomRows(4, 3, 4, 1);
    const { weights } = randomState(5, 2, 1);
    const task = (batch: number[]) => [taskOf(randomState(5, 3, 1), [Int32Array.from(batch)])];
    const refusals = await Promise.all([
      failure(one.bestMatches(x, fromRows([[1, 2]]))),
      failure(one.encodeTopK(weights, x, encode)),
      failure(one.encodeTopK(randomState(5, 3, 1).weights, x, { ...encode, k: 0 })),
      failure(one.trainTopK(x, task([0, 4]), hyper)),
      failure(one.trainTopK(x, task([-1]), hyper)),
      failure(one.trainTopK(x, task([]), hyper)),
      failure(one.coFiring(fromDense([[1]]), fromDense([[1], [2]]))),
    ]);
    expect(refusals.map((e) => e.code)).toEqual(Array(7).fill('input.shape'));
  });

  it('stops when it is cancelled, and works on afterwards', async () => {
    const a = randomRows(3000, 64, 3000, 1);
    const stop = new AbortController();
    const running = failure(two.bestMatches(a, a, { signal: stop.signal }));
    stop.abort();
    expect((await running).code).toBe('internal.cancelled');
    const late = { signal: stop.signal };
    const x = randomRows(20, 4, 20, 1);
    const state = randomState(8, 4, 1);
    const tasks = [taskOf(state, randomBatches(20, 8, 3, 1))];
    for (const work of [
      two.bestMatches(x, x, late),
      two.encodeTopK(state.weights, x, encode, late),
      two.trainTopK(x, tasks, hyper, late),
      two.coFiring(fromDense([[1]]), fromDense([[1]]), late),
    ]) {
      expect((await failure(work)).code).toBe('internal.cancelled');
    }
    expect(state).toEqual(randomState(8, 4, 1));
    expect((await two.bestMatches(x, x)).aToB.signed.index.length).toBe(20);
  });

  it('leaves the event loop free while it works', async () => {
    const a: Matrix = randomRows(1500, 64, 1500, 2);
    let turns = 0;
    let working = true;
    const turn = () => {
      turns++;
      if (working) setImmediate(turn);
    };
    setImmediate(turn);
    await two.bestMatches(a, a);
    working = false;
    expect(turns).toBeGreaterThan(5);
  });

  it('works on several calls at once', async () => {
    const x = randomRows(50, 6, 50, 3);
    const calls = Array.from({ length: 6 }, () => two.bestMatches(x, x));
    const results = await Promise.all(calls);
    for (const result of results) expect(result).toEqual(results[0]);
  });
});

describe('selectKernel', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('takes native where it loads, else portable, and says why in one line', async () => {
    vi.stubEnv('RESEED_KERNEL', '');
    const kernel = selectKernel({ threads: 2 });
    expect(kernel.threads).toBe(2);
    expect(kernel.id).toBe('addon' in loadNative() ? 'native' : 'portable');
    expect(kernel.reason).toMatch(/^[^\n]{8,}$/);
    await kernel.close();
  });

  it('obeys RESEED_KERNEL, and a choice in code before it', async () => {
    vi.stubEnv('RESEED_KERNEL', 'portable');
    const kernel = selectKernel();
    expect(kernel.id).toBe('portable');
    expect(kernel.threads).toBeGreaterThan(0);
    await kernel.close();
    vi.stubEnv('RESEED_KERNEL', 'native');
    const asked = selectKernel({ kernel: 'portable' });
    expect(asked.id).toBe('portable');
    await asked.close();
    vi.stubEnv('RESEED_KERNEL', 'abacus');
    expect(() => selectKernel()).toThrow(/RESEED_KERNEL.*abacus.*auto, native, portable/);
  });

  it('falls back to portable where the addon is not built, unless native is demanded', async () => {
    vi.stubEnv('RESEED_KERNEL', '');
    vi.stubEnv('RESEED_KERNEL_BUILD', 'nowhere');
    const kernel = selectKernel({ threads: 1 });
    expect([kernel.id, kernel.reason]).toEqual([
      'portable',
      'plain TypeScript, because the native addon is not built',
    ]);
    await kernel.close();
    expect(() => selectKernel({ kernel: 'native' })).toThrow(/asked for, but the native addon is not built/);
  });

  it('takes the code path that RESEED_KERNEL_PATH names, of those that the machine has', async () => {
    vi.stubEnv('RESEED_KERNEL', '');
    const native = loadNative();
    vi.stubEnv('RESEED_KERNEL_PATH', 'addon' in native ? 'baseline' : '');
    const kernel = selectKernel({ threads: 1 });
    expect(kernel.reason).toMatch('addon' in native ? /code path baseline$/ : /^plain TypeScript/);
    await kernel.close();
    vi.stubEnv('RESEED_KERNEL_PATH', 'quantum');
    if ('addon' in native) expect(() => selectKernel()).toThrow(/RESEED_KERNEL_PATH.*quantum.*baseline/);
  });

  it('refuses a number of threads that is none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => selectKernel({ threads, kernel: 'portable' })).toThrow(ReseedError);
    }
  });
});
