// What an assignment comes to, with partners that are given: scores, both sides of a pair, and what the solver is asked.
import { expect, test } from 'vitest';
import type { Assignment, AssignOptions } from '../../src/kernel/assignment.js';
import { contextOf } from '../../src/metrics/context.js';
import {
  assignedDecoders,
  assignedEncoders,
  matchedScore,
  scoreAssignments,
  solved,
} from '../../src/metrics/pairs/matched.js';
import { type Side, scorePairs } from '../../src/metrics/pairs/pair-loop.js';
import { fromRows, type Matrix } from '../../src/tensor/index.js';
import { member } from './fixture.js';

const side = (id: string, ...features: number[]): Side => ({
  id,
  features: Int32Array.from(features),
  leftOut: 2,
});

test('a pair by hand: the mean over the narrower side, and the same partners seen from both', async () => {
  const sides = [side('a', 0, 2, 5), side('b', 1, 4)];
  const solution = { partner: [1, -1, 0], value: [0.5, 0, -0.1], gap: 1e-15 };
  const scores = (await scoreAssignments('some', sides, async () => solution))!;
  const value = (0.5 - 0.1) / 2;
  expect(scores).toEqual({
    id: 'some',
    pairs: [{ a: 'a', b: 'b', value, aToB: value, bToA: value }],
    leftOut: 4,
    members: ['a', 'b'],
    widths: [3, 2],
    matches: [
      {
        a: 'a',
        b: 'b',
        aToB: {
          features: Int32Array.of(0, 2, 5),
          best: Float64Array.of(0.5, 0, -0.1),
          partner: Int32Array.of(4, -1, 1),
        },
        bToA: {
          features: Int32Array.of(1, 4),
          best: Float64Array.of(-0.1, 0.5),
          partner: Int32Array.of(5, 0),
        },
        gap: 1e-15,
      },
    ],
  });
});

test('rounding beyond ±1 is cut off, and there is no −0, which JSON does not know', () => {
  const assignment: Assignment = {
    partner: Int32Array.of(2, 0, -1, 1),
    value: Float64Array.of(1.0000001, -1.0000001, -0, 0.3),
    total: 0.3,
    upperBound: 0.3,
    gap: 0,
    method: 'dense',
  };
  expect(solved(assignment)).toEqual({ partner: [2, 0, -1, 1], value: [1, -1, 0, 0.3], gap: 0 });
});

test('pairs are compared one at a time, or as many as are asked for', async () => {
  const sides = ['a', 'b', 'c', 'd'].map((id) => side(id, 0));
  const together = async (atOnce?: number) => {
    const most = [0, 0];
    const running = [0, 0];
    const watched = async <T>(which: number, result: T): Promise<T> => {
      most[which] = Math.max(most[which], ++running[which]);
      await new Promise((resolve) => setImmediate(resolve));
      running[which]--;
      return result;
    };
    const options = atOnce === undefined ? {} : { atOnce };
    await scoreAssignments('x', sides, () => watched(0, { partner: [0], value: [1], gap: 0 }), options);
    const best = { value: Float64Array.of(1), index: Int32Array.of(0) };
    const way = { abs: best, signed: best };
    await scorePairs('x', sides, () => watched(1, { aToB: way, bToA: way } as never), options);
    return most;
  };
  expect(await together()).toEqual([1, 1]);
  expect(await together(2)).toEqual([2, 2]);
});

test('a side without features, or a single one, has no score', async () => {
  const never = () => {
    throw new Error('asked');
  };
  for (const sides of [
    [side('a', 0), side('b')],
    [side('a'), side('b', 0)],
  ]) {
    expect(await scoreAssignments('x', sides, never)).toBeUndefined();
    expect(await scorePairs('x', sides, never)).toBeUndefined();
  }
  expect(await scoreAssignments('x', [side('a', 0)], never)).toBeUndefined();
  expect(await scorePairs('x', [side('a', 0)], never)).toBeUndefined();
});

/** A kernel whose assignments have this total and no partners, and what it was asked. */
function watching(total: number) {
  const asked: (AssignOptions | undefined)[] = [];
  const assign = async (a: Matrix, _: Matrix, options?: AssignOptions) => {
    asked.push(options);
    const none = { partner: new Int32Array(a.rows).fill(-1), value: new Float64Array(a.rows) };
    return { ...none, total, upperBound: total, gap: 0, method: 'dense' };
  };
  return { asked, kernel: { assign } as never };
}

test('two sets score the mean over the smaller one; the solver may take 3/4 GiB', async () => {
  const [two, three] = [2, 3].map((rows) => fromRows(Array.from({ length: rows }, () => [1, 0])));
  for (const absolute of [false, true]) {
    const { asked, kernel } = watching(1.5);
    expect(await matchedScore(absolute)(two, three, kernel, {})).toBe(0.75);
    expect(await matchedScore(absolute)(three, two, kernel, {})).toBe(0.75);
    expect(asked).toEqual(Array(2).fill({ absolute, memory: 0.75 * 2 ** 30 }));
  }
});

test('the assignments of a group are made once each: signed, absolute, and of encoders', async () => {
  const { asked, kernel } = watching(0);
  const rows = fromRows([
    [1, 0],
    [0, 1],
  ]);
  const context = contextOf([member('a', rows), member('b', rows)], kernel);
  for (let time = 0; time < 2; time++) {
    expect((await assignedDecoders(context, false))?.id).toBe('decoder.matched');
    expect((await assignedDecoders(context, true))?.id).toBe('decoder.matched.abs');
    expect((await assignedEncoders(context))?.id).toBe('encoder.matched');
  }
  const memory = 0.75 * 2 ** 30;
  expect(asked).toEqual([false, true, false].map((absolute) => ({ absolute, memory })));
});
