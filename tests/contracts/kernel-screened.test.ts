// What stands before a kernel may fail, lie or list too much: the result is that of the kernel below, and a line says so.
import { afterAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { settledStrips } from '../../src/kernel/screened/batches.js';
import { createScreenedKernel, type ScreenedOptions } from '../../src/kernel/screened/index.js';
import { type Screen, TooMany } from '../../src/kernel/screened/screen.js';
import { type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { noisyScreen } from './reference-screen.js';

const below = createPortableKernel({ threads: 1 });
afterAll(() => below.close());

function random(rows: number, cols: number, seed: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(seed, 'test').fillNormal(out.data);
  return out;
}

const [a, b] = [random(60, 12, 1), random(70, 12, 2)];
const weights = {
  encoder: random(70, 12, 3).data,
  encoderBias: new Float32Array(70),
  decoder: new Float32Array(70 * 12),
  decoderBias: new Float32Array(12),
};
const encode = { k: 5, relu: false, subtractDecoderBias: false };

/** A kernel over a screen that counts how often it is asked and closed, and the lines that were said. */
function over(list: Screen['list'], options: ScreenedOptions = {}) {
  const seen = { asked: 0, closed: 0, lines: [] as string[] };
  const screen: Screen = {
    name: 'a test screen',
    list(query, work) {
      seen.asked++;
      return list(query, work);
    },
    close() {
      seen.closed++;
    },
  };
  const onTrouble = (line: string) => void seen.lines.push(line);
  const kernel = createScreenedKernel(below, screen, { worth: 0, onTrouble, ...options });
  return { kernel, seen };
}

/** Ends in this error before its first strip. */
const failing =
  (error: Error): Screen['list'] =>
  () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) });

/** Leaves out the first partner of every row. */
const forgetful: Screen['list'] = async function* (query, work) {
  for await (const { from, to, pairs } of noisyScreen().list(query, work)) {
    const lists = Array.from({ length: to - from }, (_, i) =>
      Array.from(pairs.partners.subarray(pairs.offsets[i] + 1, pairs.offsets[i + 1])),
    );
    const offsets = Int32Array.from([0, ...lists.map((list) => list.length)]);
    for (let i = 1; i < offsets.length; i++) offsets[i] += offsets[i - 1];
    yield { from, to, pairs: { offsets, partners: Int32Array.from(lists.flat()) } };
  }
};

describe('a kernel behind a screen', () => {
  it('uses the screen for what is large enough, and says so by its name', async () => {
    const { kernel, seen } = over(noisyScreen().list, { worth: 60 * 70 * 12 });
    expect(kernel.id).toBe('portable');
    await kernel.bestMatches(random(59, 12, 1), b);
    expect(seen.asked).toBe(0);
    await kernel.bestMatches(a, b);
    await kernel.nearest(a, b, 4);
    await kernel.encodeTopK(weights, a, encode);
    expect(seen).toEqual({ asked: 3, closed: 0, lines: [] });
    expect(kernel.id).toBe('webgpu');
  });

  it('asks first whether the screen is faster', async () => {
    const { kernel, seen } = over(noisyScreen().list, { faster: async () => false });
    expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
    expect(seen.asked).toBe(0);
  });

  it.each([
    ['fails', failing(new Error('no luck')), /no luck/],
    ['leaves pairs out', forgetful, /a wrong result at row \d+|has \d+ candidates where \d+ were asked for/],
  ])('goes on alone when the screen %s', async (_, list, why) => {
    for (const work of ['bestMatches', 'nearest', 'encodeTopK'] as const) {
      const { kernel, seen } = over(list);
      const on = {
        bestMatches: (k: typeof kernel) => k.bestMatches(a, b),
        nearest: (k: typeof kernel) => k.nearest(a, b, 4),
        encodeTopK: (k: typeof kernel) => k.encodeTopK(weights, a, encode),
      }[work];
      expect(await on(kernel)).toEqual(await on(below));
      expect(await on(kernel)).toEqual(await on(below));
      expect(seen).toEqual({ asked: 1, closed: 1, lines: [expect.stringMatching(why)] });
      expect(kernel.id).toBe('portable');
    }
  });

  it('does alone what would be listed too often, without a word, and asks again the next time', async () => {
    const { kernel, seen } = over(failing(new TooMany()));
    expect(await kernel.bestMatches(a, b)).toEqual(await below.bestMatches(a, b));
    await kernel.bestMatches(a, b);
    expect(seen).toEqual({ asked: 2, closed: 0, lines: [] });
  });

  it('settles what its caller has looked through, and does not look again for each batch', async () => {
    const told: unknown[] = [];
    const settling: typeof below = Object.assign(Object.create(below), {
      listedProducts: ((x, y, pairs, options) => {
        told.push(options?.finite);
        return below.listedProducts(x, y, pairs, options);
      }) satisfies (typeof below)['listedProducts'],
    });
    const query = { a, b, m: 2, by: 'both', of: 'rows and columns' } as const;
    for await (const _ of settledStrips(noisyScreen(), settling, query));
    expect(told).toEqual([true]);
  });

  it('sorts short and long lists of partners', async () => {
    const rows = random(200, 12, 5);
    for (const m of [1, 40, 150]) {
      const query = { a, b: rows, m, by: 'value', of: 'rows' } as const;
      for await (const { pairs } of settledStrips(noisyScreen(), below, query)) {
        for (let i = 0; i + 1 < pairs.offsets.length; i++) {
          const own = Array.from(pairs.partners.subarray(pairs.offsets[i], pairs.offsets[i + 1]));
          expect(own.length).toBeGreaterThanOrEqual(m);
          expect(own).toEqual([...new Set(own)].sort((x, y) => x - y));
        }
      }
    }
  });

  it('refuses what every kernel refuses', async () => {
    const { kernel } = over(noisyScreen().list);
    await expect(kernel.bestMatches(a, random(3, 5, 1))).rejects.toMatchObject({ code: 'input.shape' });
    const bad = { rows: 1, cols: 12, data: new Float32Array(12).fill(Number.NaN) };
    await expect(kernel.bestMatches(a, bad)).rejects.toMatchObject({ code: 'input.non-finite' });
    await expect(kernel.bestMatches(bad, b)).rejects.toMatchObject({ code: 'input.non-finite' });
    await expect(kernel.nearest(a, bad, 1)).rejects.toMatchObject({ code: 'input.non-finite' });
    await expect(kernel.assign(bad, b)).rejects.toMatchObject({ code: 'input.non-finite' });
    await expect(kernel.encodeTopK(weights, bad, encode)).rejects.toMatchObject({ code: 'input.non-finite' });
  });
});
