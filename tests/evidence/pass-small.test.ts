// One pass over a few activations, against what is measured with all of them in memory: members, blocks, strides, and what is refused.
import { describe, expect, test } from 'vitest';
import { type ActivationRows, rowsOf } from '../../src/activations/activation-rows.js';
import {
  encodeEvery,
  type PassMember,
  type PassOptions,
  passOverActivations,
} from '../../src/evidence/activation-pass.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { encode } from '../../src/sae/encode.js';
import { type Fit, measureFit } from '../../src/sae/fit.js';
import { type Matrix, row, rowRange, takeRows, zeros } from '../../src/tensor/matrix.js';
import { firingCounts, type SparseCodes, takeCodeRows } from '../../src/tensor/sparse-codes.js';
import { atOnce } from './at-once.js';
import { d, normal, readOnce, sae } from './pass-cases.js';

const rows = 300;
const x = normal(rows, d, 'small');
const own = normal(rows, d, 'small own', 2);
const targets = normal(rows, d, 'small targets', 3);
const a: PassMember = { id: 'a', sae: sae(7, 'a'), untrained: sae(7, 'a0') };
const b: PassMember = { id: 'b', sae: sae(5, 'b', { activation: { kind: 'relu' } }) };
const reads: PassMember = { id: 'reads', sae: sae(6, 'c'), own: rowsOf(own) };
const writes: PassMember = { id: 'writes', sae: sae(6, 'e', { transcoder: true }) };

const pass = (members: readonly PassMember[], options: PassOptions = {}, source = rowsOf(x)) =>
  passOverActivations(source, members, atOnce, { blockRows: 256, ...options });
const encoded = ({ sae: of, own: other }: PassMember) => encode(of, other ? own : x, atOnce);
const bytesOf = (...sets: readonly SparseCodes[]) =>
  sets.reduce((sum, { rows: n, values }) => sum + 8 * values.length + 4 * n, 0);
const numbers = (length: number) => Int32Array.from({ length }, (_, n) => n);

function expectFit(found: Fit | undefined, wanted: Fit): void {
  expect(found?.l0).toBeCloseTo(wanted.l0, 12);
  expect(found!.mse / wanted.mse).toBeCloseTo(1, 9);
  expect((1 - found!.explainedVariance) / (1 - wanted.explainedVariance)).toBeCloseTo(1, 7);
}

/** Rows that are read when they are wanted; `before` is told of each read. */
function source(
  m: Matrix,
  before: (from: number, to: number) => void | Promise<void> = () => {},
): ActivationRows {
  return {
    rows: m.rows,
    cols: m.cols,
    read: async (from, to) => {
      await before(from, to);
      return rowRange(m, from, to);
    },
    close: async () => {},
  };
}

describe('members', () => {
  test('read the activations, their own, or write something else: each is held against that', async () => {
    const found = await pass([a, b, reads, writes], { targets: rowsOf(targets) });
    expect(found).toMatchObject({ codeRows: rows, stride: 1 });
    expect(found.members.map(({ id }) => id)).toEqual(['a', 'b', 'reads', 'writes']);
    for (const [i, [member, read, wanted]] of (
      [
        [a, x, x],
        [b, x, x],
        [reads, own, own],
        [writes, x, targets],
      ] as const
    ).entries()) {
      const codes = await encoded(member);
      expect(found.members[i].codes).toEqual(codes);
      expect(found.members[i].firing).toEqual(firingCounts(codes));
      expectFit(found.members[i].fit, measureFit(member.sae, read, codes, wanted));
      expect(found.members[i].ordinary).toBeUndefined();
      expect(found.members[i].elsewhere).toBeUndefined();
    }
    expect(found.members[0].untrained).toEqual(await encode(a.untrained!, x, atOnce));
    expect(found.members[1].untrained).toBeUndefined();
    expect(found.data.rows).toBe(rows);
  });

  test('a transcoder has no fit where it is not known what it should write', async () => {
    const [found] = (await pass([writes])).members;
    expect(found.fit).toBeUndefined();
    expect(found.codes).toEqual(await encoded(writes));
  });

  test('two that read the same have it read once', async () => {
    const asked: number[] = [];
    const shared = source(own, (from) => void asked.push(from));
    const found = await pass([
      { ...reads, own: shared },
      { ...reads, id: 'again', own: shared },
    ]);
    expect(asked).toEqual([0, 256]);
    expect(found.members[1].codes).toEqual(found.members[0].codes);
  });
});

describe('rows of which codes are kept', () => {
  test('are all of them up to the budget, and half of them one byte below', async () => {
    const [codes, start, others] = [
      await encoded(a),
      await encode(a.untrained!, x, atOnce),
      await encoded(b),
    ];
    const codeBudget = bytesOf(codes, start, others);
    const all = await pass([a, b], { codeBudget });
    expect([all.stride, all.codeRows]).toEqual([1, rows]);
    const half = await pass([a, b], { codeBudget: codeBudget - 1 });
    expect([half.stride, half.codeRows]).toEqual([2, rows / 2]);
    const kept = numbers(rows / 2).map((n) => 2 * n);
    expect(half.members[0].codes).toEqual(takeCodeRows(codes, kept));
    expect(half.members[0].untrained).toEqual(takeCodeRows(start, kept));
    expect(half.members[1].codes).toEqual(takeCodeRows(others, kept));
    expect(half.members.map(({ firing, fit }) => ({ firing, fit }))).toEqual(
      all.members.map(({ firing, fit }) => ({ firing, fit })),
    );
    expect(half.data.different).toEqual(numbers(rows / 2));
  });

  test('are one at the least, whatever the budget', async () => {
    const found = await pass([b], { codeBudget: 0 });
    // 512 is the first power of two that is no less than the rows.
    expect([found.stride, found.codeRows]).toEqual([512, 1]);
    expect(found.members[0].codes).toEqual(takeCodeRows(await encoded(b), [0]));
    const even = await pass([b], { codeBudget: 0 }, rowsOf(rowRange(x, 0, 256)));
    expect([even.stride, even.codeRows]).toEqual([256, 1]);
  });

  test('of a number that the stride does not divide one more', async () => {
    const found = await pass([b], { codeBudget: bytesOf(await encoded(b)) / 100 });
    expect(found.codeRows).toBe(Math.ceil(rows / found.stride));
    expect(rows % found.stride).toBeGreaterThan(0);
    expect(found.members[0].codes.rows).toBe(found.codeRows);
  });

  test('can be encoded again', async () => {
    const shares: number[] = [];
    const options = { blockRows: 256, onProgress: (share: number) => shares.push(share) };
    const again = await encodeEvery(64, b.sae, rowsOf(x), atOnce, options);
    expect(again).toEqual(takeCodeRows(await encoded(b), [0, 64, 128, 192, 256]));
    expect(shares).toEqual([256 / rows, 1]);
    const far = await encodeEvery(512, b.sae, rowsOf(x), atOnce, { blockRows: 256 });
    expect(far).toEqual(takeCodeRows(await encoded(b), [0]));
  });
});

describe('rows that are not as the others', () => {
  const massive = [3, 291];
  const firsts = Array.from({ length: 30 }, (_, i) => 10 * i);
  const spoilt = takeRows(x, numbers(rows));
  for (const n of massive) row(spoilt, n)[2] += 1000;
  for (const n of firsts) row(spoilt, n)[4] += 30;
  const tokens = {
    rows,
    document: new Int32Array(rows),
    position: numbers(rows).map((n) => n % 10),
    token: numbers(rows),
    texts: Array.from({ length: rows }, (_, n) => `t${n}`),
  };

  test('firing and fit without massive ones, and without those of places, are those on the others', async () => {
    const found = await pass([a, reads, writes], { tokens, targets: rowsOf(targets) }, rowsOf(spoilt));
    expect([...found.data.massive!.rows]).toEqual(massive);
    expect([...found.data.places!.apart!.rows]).toEqual(firsts);
    for (const [i, [member, read, wanted]] of (
      [
        [a, spoilt, spoilt],
        [reads, own, own],
        [writes, spoilt, targets],
      ] as const
    ).entries()) {
      for (const [told, out] of [
        [found.members[i].ordinary, massive],
        [found.members[i].elsewhere, [...massive, ...firsts]],
      ] as const) {
        const kept = numbers(rows).filter((n) => !out.includes(n));
        const codes = await encode(member.sae, takeRows(read, kept), atOnce);
        expect(told?.firing).toEqual(firingCounts(codes));
        expectFit(told?.fit, measureFit(member.sae, takeRows(read, kept), codes, takeRows(wanted, kept)));
      }
    }
  });

  test('without those of places alone, where none is massive', async () => {
    const placed = takeRows(x, numbers(rows));
    for (const n of firsts) row(placed, n)[4] += 30;
    const [found] = (await pass([a], { tokens }, rowsOf(placed))).members;
    expect(found.ordinary).toBeUndefined();
    const kept = takeRows(
      placed,
      numbers(rows).filter((n) => n % 10 > 0),
    );
    const codes = await encode(a.sae, kept, atOnce);
    expect(found.elsewhere?.firing).toEqual(firingCounts(codes));
    expectFit(found.elsewhere?.fit, measureFit(a.sae, kept, codes));
  });
});

describe('blocks', () => {
  const first = async (cols: number, blockRows?: number, more: Partial<PassMember> = {}, wanted?: number) => {
    const asked: number[] = [];
    const endless = (width: number) => readOnce(width, asked);
    const weights = { rows: 1, cols, data: zeros(1, cols).data };
    const of = { ...sae(1, 'w'), encoder: weights, decoder: weights, decoderBias: new Float32Array(cols) };
    const member: PassMember = { id: 'w', sae: of, ...more };
    const options = { ...(blockRows === undefined ? {} : { blockRows }) };
    const work = passOverActivations(endless(cols), [member], atOnce, {
      ...options,
      ...(wanted === undefined ? {} : { targets: endless(wanted) }),
    });
    await expect(work).rejects.toThrow('enough');
    return asked[0];
  };

  test('have eight thousand rows, or eight million values, in multiples of 256 rows', async () => {
    expect(await first(1)).toBe(8192);
    expect(await first(1024)).toBe(8192);
    // 8192 − 63, and a multiple above that.
    expect(await first(1032)).toBe(8192);
    expect(await first(1057)).toBe(7936);
    expect(await first(2048)).toBe(4096);
    expect(await first(2 ** 22)).toBe(256);
  });

  test('have as many where rows are encoded again', async () => {
    const asked: number[] = [];
    const wide = source({ rows: 100_000, cols: 2048, data: new Float32Array(0) }, (_, to) => {
      asked.push(to);
      throw new Error('enough');
    });
    await expect(encodeEvery(1, b.sae, wide, atOnce)).rejects.toThrow('enough');
    expect(asked[0]).toBe(4096);
  });

  test('have as many as are asked for, in multiples of 256', async () => {
    expect(await first(4, 0)).toBe(256);
    expect(await first(4, 1)).toBe(256);
    expect(await first(4, 256)).toBe(256);
    expect(await first(4, 257)).toBe(512);
    expect(await first(2 ** 22, 1000)).toBe(1024);
  });

  test('are as small as the widest of all that is read asks for', async () => {
    expect(await first(4, undefined, {}, 2048)).toBe(4096);
    const wide: ActivationRows = { ...rowsOf(normal(1, 2048, 'wide')), rows: 100_000 };
    const weights = { rows: 1, cols: 2048, data: zeros(1, 2048).data };
    const of = { ...sae(1, 'w'), encoder: weights, decoder: weights, decoderBias: new Float32Array(2048) };
    expect(await first(4, undefined, { sae: of, own: wide })).toBe(4096);
  });
});

describe('on the way', () => {
  test('it says which share of the rows is done', async () => {
    const shares: number[] = [];
    await pass([b], { onProgress: (share) => shares.push(share) });
    expect(shares).toEqual([256 / rows, 1]);
  });

  test('it ends before the first block where it is cancelled, and hands the signal on', async () => {
    const stop = new AbortController();
    stop.abort();
    const asked: number[] = [];
    const read = source(x, (from) => void asked.push(from));
    await expect(pass([b], { signal: stop.signal }, read)).rejects.toMatchObject({
      code: 'internal.cancelled',
    });
    expect(asked).toEqual([]);
    const work = encodeEvery(1, b.sae, read, atOnce, { signal: stop.signal });
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    expect(asked).toEqual([]);
    const { signal } = new AbortController();
    const signals = new Set<unknown>();
    const hearing = Object.assign(Object.create(atOnce) as Kernel, {
      encodeDense: (...[weights, block, how, options]: Parameters<Kernel['encodeDense']>) => {
        signals.add(options?.signal);
        return atOnce.encodeDense(weights, block, how, options);
      },
    });
    await passOverActivations(rowsOf(x), [b], hearing, { signal });
    await encodeEvery(1, b.sae, rowsOf(x), hearing, { signal });
    expect([...signals]).toEqual([signal]);
  });

  test('it waits for reads that are under way before it throws', async () => {
    for (const which of ['group', 'member', 'encodeEvery'] as const) {
      let under = 0;
      const slow = (m: Matrix) =>
        source(m, async (from) => {
          under++;
          if (from > 0) await new Promise((resolve) => setTimeout(resolve, 20));
          under--;
        });
      const failing = Object.assign(Object.create(atOnce) as Kernel, {
        encodeDense: async () => {
          throw new Error('no codes');
        },
      });
      const members = [which === 'member' ? { ...b, own: slow(own) } : b];
      const read = which === 'member' ? rowsOf(x) : slow(x);
      const work =
        which === 'encodeEvery'
          ? encodeEvery(1, b.sae, read, failing, { blockRows: 256 })
          : passOverActivations(read, members, failing, { blockRows: 256 });
      await expect(work).rejects.toThrow('no codes');
      expect(under).toBe(0);
    }
  });
});

describe('what does not fit together', () => {
  const refused = (work: Promise<unknown>, details: object) =>
    expect(work).rejects.toMatchObject({ code: 'input.shape', details });

  test('is refused, with what was found and expected, and the file where that is known', async () => {
    await refused(pass([a], { file: 'x.npy' }, rowsOf(zeros(0, d))), {
      file: 'x.npy',
      found: '[0 × 12]',
      expected: 'at least one row',
    });
    await refused(pass([b, a], { file: 'x.npy' }, rowsOf(zeros(5, d + 1))), {
      file: 'x.npy',
      field: 'b',
      found: '[5 × 13]',
      expected: '[5 × 12]',
    });
    await refused(pass([b, { ...a, own: rowsOf(zeros(5, d)) }]), {
      field: 'a',
      found: '[5 × 12]',
      expected: '[300 × 12]',
    });
    const codes = await encode(a.sae, rowRange(x, 0, 9), atOnce);
    await refused(pass([{ ...a, codes }]), {
      field: 'a',
      found: '[300 × 12], 9 rows of codes',
      expected: '[300 × 12], 300 rows of codes',
    });
    const unnamed = await pass([{ ...a, codes }]).catch((error) => error);
    expect(Object.keys(unnamed.details)).not.toContain('file');
  });

  test('targets of other rows, or of another width than a transcoder writes', async () => {
    await refused(pass([a, writes], { targets: rowsOf(zeros(5, d)) }), {
      field: 'targets',
      found: '[5 × 12]',
      expected: '[300 × 12]',
    });
    await refused(pass([a, writes], { targets: rowsOf(zeros(rows, 4)) }), {
      field: 'targets, of writes',
      found: '[300 × 4]',
      expected: '[300 × 12]',
    });
    // Of others nobody asks what they should write.
    expect((await pass([b], { targets: rowsOf(zeros(rows, 4)) })).codeRows).toBe(rows);
  });

  test('what is not finite is named by whose it is', async () => {
    const bad = takeRows(x, numbers(rows));
    row(bad, 7)[3] = Number.NaN;
    await expect(pass([a], { targets: rowsOf(bad) })).rejects.toThrow(/targets, row 7, column 3/);
    await expect(pass([{ ...a, own: rowsOf(bad) }])).rejects.toThrow(/activations of a, row 7, column 3/);
    const named = passOverActivations(rowsOf(bad), [a], atOnce, { file: 'x.npy' });
    await expect(named).rejects.toThrow(/x\.npy, activations, row 7/);
    await expect(encodeEvery(1, a.sae, rowsOf(bad), atOnce, { file: 'x.npy' })).rejects.toThrow(/x\.npy/);
  });
});
