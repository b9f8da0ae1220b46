// One-to-one scores, shares and subspaces by hand, at their edges, and where they cannot be had.
import { afterAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { contextOf } from '../../src/metrics/context.js';
import { encoderMax } from '../../src/metrics/encoder-max.js';
import { activationMatched } from '../../src/metrics/pairs/activation-matched.js';
import { decoderMatched, encoderMatched } from '../../src/metrics/pairs/matched.js';
import { shared, sharedOf, sharedScores } from '../../src/metrics/pairs/shared.js';
import { subspace, subspaceScores } from '../../src/metrics/pairs/subspace.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows, type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

function withEncoder(id: string, decoder: Matrix, encoder: Matrix): Member {
  const plain = member(id, decoder);
  return { ...plain, sae: { ...plain.sae, encoder } };
}

function random(rows: number, cols: number, stream: string): Matrix {
  const out = zeros(rows, cols);
  new Rng(5, 'test', stream).fillNormal(out.data);
  return out;
}

const left = fromRows([
  [2, 0],
  [0, 0],
  [0, 5],
]);
const right = fromRows([
  [-1, 0],
  [3, 4],
  [4, 3],
]);

describe('one-to-one', () => {
  test('signed: two pairs of three features, by hand', async () => {
    // Rows (1,0) and (0,1) against (−1,0), (.6,.8), (.8,.6): .8 + .8 is the most that two pairs can have.
    const scores = (await decoderMatched([member('a', left), member('b', right)], kernel))!;
    const [pair] = scores.pairs;
    expect(pair.value).toBeCloseTo(0.8, 6);
    expect([pair.aToB, pair.bToA]).toEqual([pair.value, pair.value]);
    expect(scores).toMatchObject({ id: 'decoder.matched', leftOut: 1, widths: [2, 3] });
    const [{ aToB, bToA }] = scores.matches;
    expect(aToB.features).toEqual(Int32Array.of(0, 2));
    expect(aToB.partner).toEqual(Int32Array.of(2, 1));
    expect(bToA.partner).toEqual(Int32Array.of(-1, 2, 0));
    expect(bToA.best[0]).toBe(0);
  });

  test('unsigned: an opposite direction is a partner', async () => {
    const scores = (await decoderMatched([member('a', left), member('b', right)], kernel, {
      absolute: true,
    }))!;
    expect(scores.id).toBe('decoder.matched.abs');
    expect(scores.pairs[0].value).toBeCloseTo(0.9, 6);
    expect(scores.matches[0].aToB.partner).toEqual(Int32Array.of(0, 1));
  });

  test('a direction with nothing but opposites scores below 0', async () => {
    const one = member('a', fromRows([[0, 1]]));
    const scores = await decoderMatched([one, member('b', fromRows([[0, -2]]))], kernel);
    expect(scores?.pairs[0].value).toBe(-1);
  });

  test('rounding of unit rows does not push a cosine above 1', async () => {
    const rows = random(60, 16, 'rounding');
    const [{ aToB }] = (await decoderMatched([member('a', rows), member('b', rows)], kernel))!.matches;
    expect(Math.max(...aToB.best)).toBe(1);
  });

  test('encoder scores look at encoders only', async () => {
    const members = [withEncoder('a', right, left), withEncoder('b', left, right)];
    expect((await encoderMatched(members, kernel))?.pairs[0].value).toBeCloseTo(0.8, 6);
    expect((await encoderMax(members, kernel))?.pairs[0].aToB).toBeCloseTo(0.9, 6);
    expect((await encoderMax(members, kernel))?.leftOut).toBe(1);
  });

  test('each pair is solved once', async () => {
    let asked = 0;
    const watching: Kernel = {
      ...kernel,
      assign: (a, b, options) => {
        asked++;
        return kernel.assign(a, b, options);
      },
    };
    await decoderMatched(
      ['a', 'b', 'c', 'd'].map((id) => member(id, random(6, 4, id))),
      watching,
    );
    expect(asked).toBe(6);
  });
});

describe('shared', () => {
  const axis = (i: number, n = 3) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0));
  const three = [axis(0), axis(1), axis(2)];

  test('both cosines have to be above 0.7; the same partner is asked for by the lenient form only', async () => {
    // By decoder 0→0, 1→1, 2→2, the last with cosine 0.6; by encoder 0→1, 1→0, 2→2, all with cosine 1.
    const a = withEncoder('a', fromRows(three), fromRows(three));
    const b = withEncoder(
      'b',
      fromRows([axis(0), axis(1), [0.8, 0, 0.6]]),
      fromRows([axis(1), axis(0), axis(2)]),
    );
    const { strict, lenient } = (await shared([a, b], kernel))!;
    expect(strict.pairs[0].aToB).toBeCloseTo(2 / 3, 12);
    expect(strict.pairs[0].bToA).toBeCloseTo(2 / 3, 12);
    expect(lenient.pairs[0].value).toBeCloseTo(1 / 3, 12);
  });

  test('each SAE counts its own features; one without an encoder direction is left out', async () => {
    const a = withEncoder('a', fromRows(three), fromRows(three));
    const b = withEncoder('b', fromRows([axis(1), axis(0)]), fromRows([axis(1), [0, 0, 0]]));
    const { strict } = (await shared([a, b], kernel))!;
    expect(strict.pairs[0]).toMatchObject({ aToB: 1 / 3, bToA: 1, value: 2 / 3 });
    expect(strict).toMatchObject({ widths: [3, 1], leftOut: 1 });
  });

  test('a cosine of 0.7 itself is not enough, by decoder or by encoder', () => {
    const scores = (best: number) => {
      const side = { features: Int32Array.of(0), best: Float64Array.of(best), partner: Int32Array.of(0) };
      const match = { a: 'a', b: 'b', aToB: side, bToA: side, gap: 0 };
      return { id: '', pairs: [], leftOut: 0, members: ['a', 'b'], widths: [1, 1], matches: [match] };
    };
    const value = (decoder: number, encoder: number) =>
      sharedScores(scores(decoder), scores(encoder))!.strict.pairs[0].value;
    expect([value(0.7, 0.9), value(0.9, 0.7), value(0.71, 0.71)]).toEqual([0, 0, 1]);
  });

  test('there is none without decoder directions, or without encoder directions', async () => {
    const nothing = fromRows([[0, 0, 0]]);
    const whole = withEncoder('a', fromRows(three), fromRows(three));
    expect(await shared([whole, withEncoder('b', fromRows(three), nothing)], kernel)).toBeUndefined();
    expect(await shared([whole, withEncoder('b', nothing, fromRows(three))], kernel)).toBeUndefined();
    const context = contextOf([whole, withEncoder('b', fromRows(three), nothing)], kernel);
    expect(await sharedOf(context)).toBeUndefined();
    expect(
      await sharedOf(contextOf([whole, withEncoder('b', nothing, fromRows(three))], kernel)),
    ).toBeUndefined();
  });

  test('beside other scores it is what it is alone: signed', async () => {
    const members = ['a', 'b'].map((id) => withEncoder(id, random(9, 3, id), random(9, 3, `${id}e`)));
    const alone = await shared(members, kernel);
    expect(await sharedOf(contextOf(members, kernel))).toEqual(alone);
    expect(alone?.lenient.leftOut).toBe(0);
  });

  test('a cosine of 0.69 is not enough, one of 0.71 is', async () => {
    const at = (cosine: number) => {
      const rows = fromRows([[cosine, Math.sqrt(1 - cosine ** 2)]]);
      return shared([member('a', fromRows([[1, 0]])), member('b', rows)], kernel);
    };
    expect((await at(0.69))?.strict.pairs[0].value).toBe(0);
    expect((await at(0.71))?.strict.pairs[0].value).toBe(1);
  });
});

describe('subspaces', () => {
  /** Rows along these axes of 70, more of them along the earlier ones, so that their order is plain. */
  const along = (axes: readonly number[]) => {
    const rows = axes.flatMap((axis, at) => Array(80 - at).fill(axis));
    const out = zeros(rows.length, 70);
    rows.forEach((axis, i) => {
      out.data[i * 70 + axis] = 1 + (i % 3);
    });
    return out;
  };
  const from = (start: number, n = 65) => Array.from({ length: n }, (_, i) => start + i);

  test('the part of the leading axes that both have, for every R', async () => {
    const a = member('a', along(from(0)));
    const b = member('b', along(from(4)));
    const scores = await subspaceScores([a, b], kernel);
    expect(scores.map((s) => s.id)).toEqual(['subspace.8', 'subspace.16', 'subspace.32', 'subspace.64']);
    scores.forEach(({ rank, pairs: [pair] }) => {
      expect(pair.value).toBeCloseTo((rank - 4) / rank, 10);
      expect([pair.aToB, pair.bToA]).toEqual([pair.value, pair.value]);
    });
  });

  test('no R above the rank, none that the data do not tell from the next, none as large as d', async () => {
    const low = member('low', along(from(0, 10)));
    const high = member('high', along(from(0)));
    expect((await subspaceScores([low, high], kernel)).map((s) => s.rank)).toEqual([8]);
    expect(await subspace([low, high], kernel, { rank: 16 })).toBeUndefined();
    const [mix, basis] = [random(60, 10, 'mix'), random(10, 40, 'basis')];
    const mixed = zeros(60, 40);
    mixed.data.forEach((_, at) => {
      for (let t = 0; t < 10; t++) {
        mixed.data[at] += mix.data[Math.floor(at / 40) * 10 + t] * basis.data[t * 40 + (at % 40)];
      }
    });
    const flat = [member('flat', mixed), member('other', mixed)];
    expect((await subspaceScores(flat, kernel)).map((s) => s.rank)).toEqual([8]);
    const axes = zeros(12, 12).data.map((_, at) => (at % 13 === 0 ? 1 : 0));
    const even = member('even', { rows: 12, cols: 12, data: axes });
    expect(await subspaceScores([even, even], kernel)).toEqual([]);
    const full = member('full', random(30, 8, 'full'));
    expect(await subspaceScores([full, full], kernel)).toEqual([]);
  });
});

describe('codes one to one', () => {
  const decoder = random(4, 2, 'decoder');
  const coded = (id: string, table: number[][]) => member(id, decoder, fromDense(table, 4));

  test('by hand: dead features have no partner, negative codes count with their sign', async () => {
    const a = coded('a', [
      [1, 0, 0, 0],
      [1, 0, 2, 0],
      [0, 0, 2, 0],
    ]);
    const b = coded('b', [
      [0, 3, 0, 1],
      [0, 3, 0, 0],
      [0, 0, -1, 1],
    ]);
    // a: 0 = (1,1,0), 2 = (0,1,1); b: 1 = (1,1,0), 2 = (0,0,−1), 3 = (1,0,1); best: 0–1 with 1, 2–3 with ½.
    const scores = (await activationMatched([a, b], kernel))!;
    expect(scores.pairs[0].value).toBeCloseTo(0.75, 6);
    expect(scores.widths).toEqual([2, 3]);
    expect(scores.matches[0].aToB.features).toEqual(Int32Array.of(0, 2));
    expect(scores.matches[0].aToB.partner).toEqual(Int32Array.of(1, 3));
    expect(scores.matches[0].bToA.partner).toEqual(Int32Array.of(0, -1, 2));
    const swapped = (await activationMatched([b, a], kernel))!;
    expect(swapped.matches[0].bToA).toEqual(scores.matches[0].aToB);
  });

  test('absent without codes and without a live feature', async () => {
    const a = coded('a', [[1, 1, 1, 0]]);
    const silent = coded('silent', [[0, 0, 0, 0]]);
    expect(await activationMatched([a, member('bare', decoder)], kernel)).toBeUndefined();
    expect(await activationMatched([a, silent], kernel)).toBeUndefined();
    await expect(activationMatched([a, coded('long', [[1], [1]])], kernel)).rejects.toThrow(/long.*2 rows/);
  });
});

test('members without anything to score, or of other widths, are told apart', async () => {
  const none = member('none', zeros(3, 2));
  const one = member('one', left);
  expect(await decoderMatched([one, none], kernel)).toBeUndefined();
  expect(await encoderMax([one, none], kernel)).toBeUndefined();
  expect(await shared([one, none], kernel)).toBeUndefined();
  expect(await subspaceScores([one, none], kernel)).toEqual([]);
  expect(await decoderMatched([one], kernel)).toBeUndefined();
  const apart = [
    withEncoder(
      'a',
      fromRows([
        [1, 0],
        [0, 0],
      ]),
      fromRows([
        [0, 0],
        [1, 0],
      ]),
    ),
    withEncoder('b', fromRows([[1, 0]]), fromRows([[1, 0]])),
  ];
  expect(await shared(apart, kernel)).toBeUndefined();
  const wide = member('wide', random(3, 3, 'wide'));
  await expect(decoderMatched([one, wide], kernel)).rejects.toThrow(/wide.*d = 3.*d = 2, as in one/);
  await expect(subspaceScores([one, wide], kernel)).rejects.toThrow(/wide.*d = 3/);
});

test('work that is cancelled stops before the next pair', async () => {
  const stop = new AbortController();
  const stopping: Kernel = {
    ...kernel,
    assign: (a, b) => {
      stop.abort();
      return kernel.assign(a, b);
    },
  };
  const members = ['a', 'b', 'c'].map((id) => member(id, random(6, 4, id)));
  await expect(decoderMatched(members, stopping, { signal: stop.signal })).rejects.toThrow(/cancelled/);
});
