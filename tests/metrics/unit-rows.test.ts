// Rows at length 1, held in memory while they are used and let go when others need it.
import { describe, expect, it } from 'vitest';
import { directionSides } from '../../src/metrics/pairs/directions.js';
import { pairsOf } from '../../src/metrics/pairs/pair-scores.js';
import { UnitRows } from '../../src/metrics/pairs/unit-rows.js';
import { fromRows, type Matrix, Rng, unitRows, zeros } from '../../src/tensor/index.js';

function random(name: string, rows = 6): Matrix {
  const rng = new Rng(1, name);
  const m = zeros(rows, 4);
  for (let e = 0; e < m.data.length; e++) m.data[e] = rng.normal();
  return m;
}

const sets = ['a', 'b', 'c', 'd'].map((id) => ({ id, rows: random(id) }));
const expected = sets.map(({ rows }) => [...unitRows(rows).unit.data]);

async function buffersOf(units: UnitRows): Promise<Set<unknown>> {
  const { withUnits } = directionSides(sets, units);
  const buffers = new Set<unknown>();
  for (const [i, j] of pairsOf(4)) {
    await withUnits([i, j], async (a, b) => {
      buffers.add(a.data.buffer).add(b.data.buffer);
      expect([...a.data]).toEqual(expected[i]);
      expect([...b.data]).toEqual(expected[j]);
    });
  }
  return buffers;
}

describe('unit rows', () => {
  it('of small sets are all held, of large ones those of one pair', async () => {
    const [small, large] = [new UnitRows(), new UnitRows(0)];
    expect((await buffersOf(small)).size).toBe(4);
    expect((await buffersOf(large)).size).toBe(2);
    // Another that asks for the same.
    expect(await buffersOf(small)).toEqual(await buffersOf(small));
    expect(directionSides(sets, small).atOnce).toBe(2);
    expect(directionSides(sets, large).atOnce).toBe(1);
  });

  it('are held up to as many bytes as are given, and then those used last; memory goes to the next', async () => {
    // Six rows of four numbers are 96 bytes.
    const bufferIn = (units: UnitRows) => (i: number) =>
      units.use([units.directed(sets[i].rows)], async ([{ data }]) => data.buffer);
    const two = bufferIn(new UnitRows(192));
    const [a, b] = [await two(0), await two(1)];
    expect([await two(0), await two(1)]).toEqual([a, b]);
    expect(await two(0)).toBe(a);
    expect(b).not.toBe(a);
    // The second is the one used longest ago.
    expect(await two(2)).toBe(b);
    expect(await two(0)).toBe(a);
    const less = bufferIn(new UnitRows(191));
    const first = await less(0);
    expect(await less(1)).toBe(first);
    const one = new UnitRows(96);
    const kept = await bufferIn(one)(0);
    one.release();
    expect(await bufferIn(one)(0)).toBe(kept);
    expect(new UnitRows().most).toBe(2 ** 28);
    // Only as many are let go of as need be.
    const three = bufferIn(new UnitRows(288));
    const held = [await three(0), await three(1), await three(2)];
    expect(await three(3)).toBe(held[0]);
    expect([await three(1), await three(2)]).toEqual(held.slice(1));
    expect(await three(1)).toBe(held[1]);
    // Twice as large ones take the place of two, whose memory is of no use to them.
    const units = new UnitRows(288);
    const small = bufferIn(units);
    const last = [await small(0), await small(1), await small(2)][2];
    await units.use([units.directed(random('large', 12))], async () => undefined);
    expect(await small(2)).toBe(last);
  });

  it('are the same for the same choice, whoever made it, and others for another one', async () => {
    const units = new UnitRows();
    const of = (...chosen: number[]) =>
      units.use([units.directed(sets[0].rows, Int32Array.from(chosen))], async ([{ data }]) => data.buffer);
    const some = await of(1, 2);
    expect(await of(1, 2)).toBe(some);
    expect(await of(1, 3)).not.toBe(some);
    expect(await of(1, 2, 3)).not.toBe(some);
  });

  it('are compared two pairs at a time where all of them are held together', () => {
    // Four sets of 96 bytes.
    expect(directionSides(sets, new UnitRows(384)).atOnce).toBe(2);
    expect(directionSides(sets, new UnitRows(383)).atOnce).toBe(1);
    const wide = { id: 'wide', rows: zeros(2, 5) };
    const message = expect.stringMatching(/wide.*d = 5.*d = 4, as in a/);
    const refused = expect.objectContaining({ code: 'input.shape', message });
    expect(() => directionSides([sets[0], wide])).toThrow(refused);
  });

  it('that are in use are nobody else’s memory', async () => {
    const units = new UnitRows(0);
    const { withUnits } = directionSides(sets, units);
    await withUnits([0, 1], async (a, b) => {
      await buffersOf(units);
      units.release();
      expect([...a.data]).toEqual(expected[0]);
      expect([...b.data]).toEqual(expected[1]);
    });
    await expect(withUnits([0], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect((await buffersOf(units)).size).toBe(2);
  });

  it('are let go of when others need the memory', async () => {
    const units = new UnitRows(0);
    const bufferOf = (i: number) =>
      directionSides(sets, units).withUnits([i], async ({ data }) => data.buffer);
    const first = await bufferOf(0);
    expect(await bufferOf(0)).toBe(first);
    units.release();
    expect(await bufferOf(0)).not.toBe(first);
    // A set without rows, which has no memory to give, before it.
    const both = [{ rows: sets[1].rows, features: new Int32Array(0) }, units.directed(sets[0].rows)];
    const second = await units.use(both, async ([, { data }]) => data.buffer);
    expect(await bufferOf(0)).toBe(second);
    units.release();
    expect(await bufferOf(0)).not.toBe(second);
  });

  it('of some rows and of all are told apart, and those without a direction left out', async () => {
    const rows = fromRows([
      [3, 4],
      [0, 0],
      [0, 2],
    ]);
    const units = new UnitRows();
    const of = (chosen?: number[]) =>
      units.use([units.directed(rows, chosen && Int32Array.from(chosen))], async ([unit]) =>
        Array.from(unit.data, (v) => Math.fround(v)),
      );
    expect(await of()).toEqual([0.6, 0.8, 0, 1].map(Math.fround));
    expect(await of([1, 2])).toEqual([0, 1]);
    expect(await of([0])).toEqual([0.6, 0.8].map(Math.fround));
    expect(units.directed(rows).features).toEqual(Int32Array.of(0, 2));
    expect(directionSides([{ id: 'a', rows }], units).sides[0].leftOut).toBe(1);
  });
});
