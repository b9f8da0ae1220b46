// What measurements of a group are made with: what is computed once, what is kept between runs and under which key, and how many run.
import { describe, expect, test } from 'vitest';
import { contentKey } from '../../src/evidence/content-key.js';
import { type ExamineOptions, GroupContext, startMeasuring } from '../../src/evidence/context.js';
import { measuringVersions } from '../../src/evidence/versions.js';
import type { Keep, Key } from '../../src/keep.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense } from '../../src/tensor/sparse-codes.js';
import { atOnce } from './at-once.js';
import { normal, sae } from './pass-cases.js';

const members: readonly Member[] = ['a', 'b'].map((id) => ({ id, sae: sae(5, id) }));

/** Keeps everything, and says under which keys. */
function keeping(): { keep: Keep; keys: Key[]; known: Map<string, unknown> } {
  const keys: Key[] = [];
  const known = new Map<string, unknown>();
  const keep: Keep = async (key, compute) => {
    keys.push(key);
    const name = JSON.stringify(key);
    if (!known.has(name)) known.set(name, await compute());
    return known.get(name) as never;
  };
  return { keep, keys, known };
}

function contextOf(of: readonly Member[] = members, more: Partial<ExamineOptions> = {}): GroupContext {
  const measuring = startMeasuring({ kernel: atOnce, seed: 7, draws: 9, ...more });
  return new GroupContext({ id: 'g', members: of }, measuring);
}

const { kernel, metrics, nulls } = measuringVersions;
const drawn = [7, 9, JSON.stringify({ kernel, metrics, nulls })];

describe('what is measured together', () => {
  test('has the options, a kernel that remembers, and what is drawn with the kernel itself', () => {
    const { signal } = new AbortController();
    const context = contextOf(members, { signal });
    expect(context.members).toBe(members);
    expect(context.units).toBe(context.measuring.units);
    expect(context.work).toEqual({ signal });
    expect(context.draw).toEqual({ kernel: atOnce, seed: 7, draws: 9, signal });
    expect(context.draw.kernel).toBe(atOnce);
    expect(context.kernel).toBe(context.measuring.comparing);
    expect(context.kernel).not.toBe(atOnce);
    expect(Object.keys(contextOf().work)).toEqual([]);
    expect(Object.keys(contextOf().draw)).not.toContain('signal');
  });

  test('a slow comparison is made once, and asked of what is kept', async () => {
    let made = 0;
    const slow = Object.assign(Object.create(atOnce) as typeof atOnce, {
      topSubspace: async () => {
        made++;
        return { vectors: new Float64Array(1), values: new Float64Array(1), gap: 1 };
      },
    });
    // 10·d³ multiply-adds are more than are worth keeping.
    const wide = normal(1, 512, 'wide');
    const { keep, keys } = keeping();
    const measuring = startMeasuring({ kernel: slow, seed: 7, draws: 9, keep });
    await measuring.comparing.topSubspace(wide, 1);
    await measuring.comparing.topSubspace(wide, 1);
    expect(made).toBe(1);
    expect(keys.map(([what, operation]) => [what, operation])).toEqual([['kernel', 'topSubspace']]);
    const unkept = startMeasuring({ kernel: slow, seed: 7, draws: 9 });
    await unkept.comparing.topSubspace(wide, 1);
    await unkept.comparing.topSubspace(wide, 1);
    expect(made).toBe(2);
    expect([measuring.keeps, unkept.keeps]).toEqual([true, false]);
  });
});

test('what has a name is computed once in a group, and again in a changed one', async () => {
  const context = contextOf();
  let computed = 0;
  const compute = async () => ++computed;
  const { once } = context;
  expect([await once('x', compute), await once('x', compute), await once('y', compute)]).toEqual([1, 1, 2]);
  const changed = context.with({ id: 'h', members: members.slice(1) });
  expect(await changed.once('x', compute)).toBe(3);
  expect(changed.group).toEqual({ id: 'h', members: [members[1]] });
  expect(changed.measuring).toBe(context.measuring);
  const scatter = Float64Array.of(1, 2);
  expect(context.with({ scatter }).scatter).toBe(scatter);
  expect(context.with({ scatter }).members).toBe(members);
});

test('a part says that it begins, unless the work is cancelled', async () => {
  const said: unknown[] = [];
  const stop = new AbortController();
  const context = contextOf(members, { signal: stop.signal, onProgress: (...what) => said.push(what) });
  expect(await context.part('one', async () => 5)).toBe(5);
  expect(said).toEqual([['g/one']]);
  stop.abort();
  const late = context.part('two', async () => said.push('computed'));
  await expect(late).rejects.toMatchObject({ code: 'internal.cancelled' });
  expect(said).toEqual([['g/one']]);
});

test('four measurements at a time of small SAEs, two of larger ones, one of the largest', () => {
  const lanes = (...values: readonly number[]) =>
    contextOf(
      values.map((count, i) => {
        // Of any width: nothing is read of it.
        const decoder = { rows: count / 64, cols: 64, data: new Float32Array(0) };
        return { id: `${i}`, sae: { ...sae(1, 'x'), decoder } };
      }),
    ).lanes;
  expect(lanes()).toBe(4);
  // 32 MiB, and 256 MiB, of float32.
  expect([lanes(2 ** 23), lanes(2 ** 23 + 64)]).toEqual([4, 2]);
  expect([lanes(2 ** 26), lanes(2 ** 26 + 64)]).toEqual([2, 1]);
  expect(lanes(64, 2 ** 26 + 64, 128)).toBe(1);
});

describe('what is kept between runs', () => {
  test('of a group by its SAEs, of a shape by the key alone, both by seed, draws and versions', async () => {
    const { keep, keys } = keeping();
    const context = contextOf(members, { keep });
    expect(await context.ofGroup(['null', 3], async () => 'of the group')).toBe('of the group');
    expect(await context.ofShape(['null', 3], async () => 'of the shape')).toBe('of the shape');
    const contents = [await contentKey(members[0]), await contentKey(members[1])];
    expect(keys).toEqual([
      ['group', 'null', 3, ...drawn, ...contents],
      ['shape', 'null', 3, ...drawn],
    ]);
    expect(contents[0]).not.toBe(contents[1]);
  });

  test('is recalled by another run', async () => {
    const { keep } = keeping();
    const first = contextOf(members, { keep });
    await first.ofGroup(['k'], async () => 1);
    await first.ofShape(['k'], async () => 2);
    const second = contextOf(members, { keep });
    expect(await second.ofGroup(['k'], async () => 3)).toBe(1);
    expect(await second.ofShape(['k'], async () => 4)).toBe(2);
    expect(await contextOf(members.slice(1), { keep }).ofGroup(['k'], async () => 5)).toBe(5);
    expect(await contextOf(members.slice(1), { keep }).ofShape(['k'], async () => 6)).toBe(2);
  });

  test('where nothing is kept a shape is shared by what is measured together, a group is not', async () => {
    const context = contextOf();
    let computed = 0;
    const compute = async () => ++computed;
    expect([await context.ofShape(['k'], compute), await context.ofShape(['k'], compute)]).toEqual([1, 1]);
    expect(await context.with({ id: 'h' }).ofShape(['k'], compute)).toBe(1);
    expect([await context.ofGroup(['k'], compute), await context.ofGroup(['k'], compute)]).toEqual([2, 3]);
  });
});

test('codes before training are those of all members, or not known', async () => {
  const codes = fromDense([[1, 0, 0, 2, 0]]);
  const known = members.map((member) => ({ ...member, initCodes: codes }));
  expect(await contextOf(known).untrained()).toEqual([
    { id: 'a', codes },
    { id: 'b', codes },
  ]);
  expect(await contextOf([known[0], members[1]]).untrained()).toBeUndefined();
  expect(await contextOf([]).untrained()).toEqual([]);
});
