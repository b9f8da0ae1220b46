// A group made ready: which of its SAEs are sound, what they make of which rows, and what is refused before anything is read.
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../src/activations/activation-rows.js';
import { type ExamineOptions, startMeasuring } from '../../src/evidence/context.js';
import { type Group, prepareGroup, soundMembers } from '../../src/evidence/prepare.js';
import { encode } from '../../src/sae/encode.js';
import { measureFit } from '../../src/sae/fit.js';
import type { Member } from '../../src/sae/member.js';
import { type Sae, topKSae } from '../../src/sae/sae.js';
import { type Matrix, row, takeRows } from '../../src/tensor/matrix.js';
import { Shelf } from '../../src/tensor/shelf.js';
import { firingCounts, meanActive } from '../../src/tensor/sparse-codes.js';
import { atOnce } from './at-once.js';
import { d, normal, readOnce, sae } from './pass-cases.js';

const prepare = (group: Omit<Group, 'id'>, more: Partial<ExamineOptions> = {}) =>
  prepareGroup({ id: 'g', ...group }, startMeasuring({ kernel: atOnce, seed: 1, draws: 2, ...more }));

const x = normal(60, d, 'prepared');
const weightsOf = ({ encoder, encoderBias, decoder, decoderBias }: Sae) => ({
  encoder,
  encoderBias,
  decoder,
  decoderBias,
});
const topk: Member = { id: 'topk', sae: sae(9, 'a'), init: weightsOf(sae(9, 'a0')) };
const relu: Member = {
  id: 'relu',
  sae: sae(9, 'b', { activation: { kind: 'relu' } }),
  init: weightsOf(sae(9, 'b0')),
};

/** The same with these values in its decoder. */
function spoilt<W extends Member['sae'] | NonNullable<Member['init']>>(weights: W, ...values: number[]): W {
  const data = weights.decoder.data.slice();
  data.set(values, 4);
  return { ...weights, decoder: { ...weights.decoder, data } };
}

/** A matrix that counts how often its values are asked for. */
function counted({ rows, cols, data }: Matrix): { m: Matrix; asked: () => number } {
  let asked = 0;
  const m = {
    rows,
    cols,
    get data() {
      asked++;
      return data;
    },
  };
  return { m, asked: () => asked };
}

describe('members', () => {
  test('are sound where all weights are finite and training did not diverge', () => {
    const training = { steps: 10, divergedAt: 7 };
    const members: Member[] = [
      { ...topk, id: 'nan', sae: spoilt(topk.sae, Number.NaN) },
      { ...topk, id: 'inf', sae: spoilt(topk.sae, Number.POSITIVE_INFINITY) },
      { ...topk, id: 'both', sae: spoilt(topk.sae, Number.NaN, Number.POSITIVE_INFINITY) },
      { ...topk, id: 'diverged', training },
      { ...topk, id: 'trained', training: { steps: 10 } },
      topk,
    ];
    expect(soundMembers(members)).toEqual(members.slice(4));
  });

  test('have no start where that is not finite', () => {
    const { init, ...bare } = topk;
    expect(soundMembers([{ ...topk, init: spoilt(init!, Number.NaN) }, bare])).toEqual([bare, bare]);
    expect(Object.keys(soundMembers([{ ...topk, init: spoilt(init!, Number.NaN) }])[0])).not.toContain(
      'init',
    );
  });

  test('that are not sound stay in their place, without codes; the others are made ready', async () => {
    const bad = { ...topk, id: 'bad', sae: spoilt(topk.sae, Number.NaN) };
    const { members, sound } = await prepare({ members: [bad, topk], x });
    expect(members.map(({ id }) => id)).toEqual(['bad', 'topk']);
    expect(members[0]).toBe(bad);
    expect(sound).toEqual([members[1]]);
    expect(sound[0].codes?.rows).toBe(60);
  });
});

describe('without activations', () => {
  test('nothing is encoded, and of no rows neither', async () => {
    const bad = { ...topk, id: 'bad', sae: spoilt(topk.sae, Number.NaN) };
    for (const none of [undefined, normal(0, d, 'none'), rowsOf(normal(0, d, 'none'))]) {
      const found = await prepare({ members: [bad, relu], x: none });
      expect(found).toEqual({ id: 'g', members: [bad, relu], sound: [relu] });
    }
  });
});

describe('with activations', () => {
  test('codes, firing and fit are those in memory, and codes of the start are as sparse', async () => {
    const found = await prepare({ members: [topk, relu], x });
    expect(found.data).toMatchObject({ rows: 60, distinctRows: 60, codeRows: 60, stride: 1 });
    for (const [i, { id, sae: trained, init }] of [topk, relu].entries()) {
      const codes = await encode(trained, x, atOnce);
      const start = { ...trained, ...init };
      const k = Math.round(meanActive(codes));
      // ReLU says nothing about how many are active: as many as the trained SAE has on average.
      const untrained = id === 'topk' ? start : { ...topKSae(init!, k), subtractDecoderBias: true };
      const member = found.sound[i];
      expect(member.id).toBe(id);
      expect(member.codes).toEqual(codes);
      expect(member.firing).toEqual({ counts: firingCounts(codes), rows: 60 });
      expect(member.fit?.mse).toBeCloseTo(measureFit(trained, x, codes).mse, 10);
      expect(member.initCodes).toEqual(await encode(untrained, x, atOnce));
      expect(member.ordinary).toBeUndefined();
      expect(member.elsewhere).toBeUndefined();
    }
    expect(found.members).toEqual(found.sound);
    // As rows that are read when they are wanted it is the same.
    expect(await prepare({ members: [topk, relu], x: rowsOf(x) })).toEqual(found);
  });

  test('codes of the start are made where all starts are known', async () => {
    const { init, ...bare } = topk;
    for (const other of [bare, { ...topk, init: spoilt(init!, Number.NaN) }]) {
      const { sound } = await prepare({ members: [other, relu], x });
      expect(sound.map(({ initCodes }) => initCodes)).toEqual([undefined, undefined]);
      expect(sound.map(({ codes }) => codes?.rows)).toEqual([60, 60]);
    }
    const { init: _, ...without } = relu;
    expect((await prepare({ members: [topk, without], x })).sound[0].initCodes).toBeUndefined();
  });

  test('codes that are known are kept', async () => {
    const codes = await encode(topk.sae, normal(60, d, 'other'), atOnce);
    const { sound } = await prepare({ members: [{ ...topk, codes }], x });
    expect(sound[0].codes).toBe(codes);
    expect(sound[0].firing).toEqual({ counts: firingCounts(codes), rows: 60 });
  });

  test('a member reads its own, for its start too; what several read is read once', async () => {
    const own = normal(60, d, 'own', 2);
    const { sound } = await prepare({
      members: [
        { ...topk, activations: own },
        { ...relu, activations: own },
        { ...topk, id: 'group' },
      ],
      x,
    });
    const [codes, dense] = [await encode(topk.sae, own, atOnce), await encode(relu.sae, own, atOnce)];
    expect(sound.map((m) => m.codes)).toEqual([codes, dense, await encode(topk.sae, x, atOnce)]);
    expect(sound[0].initCodes).toEqual(await encode({ ...topk.sae, ...topk.init }, own, atOnce));
    const start = topKSae(relu.init!, Math.round(meanActive(dense)));
    expect(sound[1].initCodes).toEqual(await encode(start, own, atOnce));
    expect(sound[0].fit?.mse).toBeCloseTo(measureFit(topk.sae, own, codes).mse, 10);

    const reads = async (...ids: readonly string[]) => {
      const { m, asked } = counted(own);
      await prepare({ members: ids.map((id) => ({ ...topk, id, activations: m })), x });
      return asked();
    };
    expect(await reads('a', 'b')).toBe(await reads('a'));
    const group = async (same: boolean) => {
      const { m, asked } = counted(x);
      await prepare({ members: [same ? { ...topk, activations: m } : topk], x: m });
      return asked();
    };
    expect(await group(true)).toBe(await group(false));
  });

  test('a transcoder is held against what it should write', async () => {
    const transcoder: Member = { id: 't', sae: { ...topk.sae, transcoder: true } };
    const written = normal(60, d, 'written');
    const codes = await encode(transcoder.sae, x, atOnce);
    const { mse } = measureFit(transcoder.sae, x, codes, written);
    for (const targets of [written, rowsOf(written)]) {
      const { sound } = await prepare({ members: [transcoder], x, targets });
      expect(sound[0].fit?.mse).toBeCloseTo(mse, 10);
    }
    expect((await prepare({ members: [transcoder], x })).sound[0].fit).toBeUndefined();
  });
});

describe('rows that are not as the others', () => {
  const tokens = {
    rows: 60,
    document: new Int32Array(60),
    position: Int32Array.from({ length: 60 }, (_, n) => n % 6),
    token: Int32Array.from({ length: 60 }, (_, n) => n),
    texts: Array.from({ length: 60 }, (_, n) => `t${n}`),
  };
  const firsts = Array.from({ length: 10 }, (_, i) => 6 * i);

  test.each([
    [[17, 40], true],
    [[], true],
    [[17, 40], false],
  ])('firing and fit without massive rows %j, and without places (%j)', async (massive, placed) => {
    const some = takeRows(
      x,
      Int32Array.from({ length: 60 }, (_, n) => n),
    );
    if (placed) for (const n of firsts) row(some, n)[4] += 30;
    for (const n of massive) row(some, n)[2] += 300;
    const { sound, data } = await prepare({ members: [topk], x: some, tokens });
    const [{ ordinary, elsewhere }] = sound;
    expect([...(data?.massive?.rows ?? [])]).toEqual(massive);
    expect([...(data?.places?.apart?.rows ?? [])]).toEqual(placed ? firsts : []);
    const left = (out: readonly number[]) => {
      const rows = Int32Array.from({ length: 60 }, (_, n) => n).filter((n) => !out.includes(n));
      return takeRows(some, rows);
    };
    for (const [told, rows, known] of [
      [ordinary, left(massive), massive.length > 0],
      [elsewhere, left([...massive, ...firsts]), placed],
    ] as const) {
      if (!known) {
        expect(told).toBeUndefined();
        continue;
      }
      const codes = await encode(topk.sae, rows, atOnce);
      expect(told?.firing).toEqual({ counts: firingCounts(codes), rows: rows.rows });
      expect(told?.fit?.mse).toBeCloseTo(measureFit(topk.sae, rows, codes).mse, 6);
    }
  });
});

describe('what is said and refused first', () => {
  test('progress of the encoding, from 0 to 1', async () => {
    const said: unknown[] = [];
    await prepare({ members: [topk], x }, { onProgress: (...what) => said.push(what) });
    expect(said).toEqual([
      ['g/encoding', 0],
      ['g/encoding', 1],
    ]);
  });

  test('nothing where it is cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    const said: unknown[] = [];
    const work = prepare(
      { members: [topk], x },
      { signal: stop.signal, onProgress: (part) => said.push(part) },
    );
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    expect(said).toEqual([]);
  });

  test('codes of other rows, of SAEs that are not sound too', async () => {
    const codes = await encode(topk.sae, normal(9, d, 'few'), atOnce);
    const bad = { ...topk, id: 'bad', sae: spoilt(topk.sae, Number.NaN), codes };
    await expect(prepare({ members: [topk, bad], x })).rejects.toMatchObject({
      code: 'input.shape',
      problem: 'codes and activations differ in rows',
      details: { field: 'bad', found: '9 rows of codes', expected: '60' },
    });
  });
});

test('blocks are as large as the largest SAE that is read anew for each, and never small', async () => {
  const shelf = new Shelf(2 ** 24);
  const member = (id: string, features: number, width: number, shelved: boolean): Member => {
    const data = new Float32Array(features * width).fill(0.5);
    const plain = { rows: features, cols: width, data };
    const rows = shelved ? shelf.matrix(features, width, () => data) : plain;
    const bias = new Float32Array(features);
    return {
      id,
      sae: topKSae(
        { encoder: rows, encoderBias: bias, decoder: rows, decoderBias: new Float32Array(width) },
        1,
      ),
    };
  };
  const firstBlock = async (width: number, ...members: readonly Member[]) => {
    const asked: number[] = [];
    await expect(prepare({ members, x: readOnce(width, asked) })).rejects.toThrow('enough');
    return asked[0];
  };
  // Of eight million values, and rows by 256.
  expect(await firstBlock(2048, member('a', 4, 2048, false))).toBe(4096);
  expect(await firstBlock(2048, member('a', 4, 2048, true), member('b', 3, 2048, false))).toBe(8192);
  expect(await firstBlock(1, member('a', 4, 1, true), member('b', 9000, 1, false))).toBe(8192);
  expect(await firstBlock(1, member('a', 4, 1, true), member('b', 9000, 1, true))).toBe(9216);
});
