// The SAEs that controls are run on: how much of a member is taken, what a shuffled copy is, what planted ones share.
import { expect, test } from 'vitest';
import {
  atMost,
  plantedDictionaries,
  plantedPart,
  shuffledCopy,
} from '../../src/metrics/controls/control-members.js';
import { fromDense, fromRows, Rng, row, zeros } from '../../src/tensor/index.js';
import { member } from './fixture.js';

/** Feature i writes (i, 1) and reads (i, 2); on row n of the codes feature n mod 5 fires with n + 1. */
function counted(rows = 10) {
  const codes = fromDense(
    Array.from({ length: rows }, (_, n) => [0, 1, 2, 3, 4].map((i) => (n % 5 === i ? n + 1 : 0))),
  );
  const weights = (last: number) => fromRows([0, 1, 2, 3, 4].map((i) => [i, last]));
  const plain = member('a', weights(1), codes, weights(3));
  return { ...plain, sae: { ...plain.sae, encoder: weights(2) } };
}

const firing = { counts: new Int32Array(5).fill(9), rows: 90 };

test('of a member as many features and rows are taken as are asked for, evenly spread', () => {
  const whole = counted();
  // Rows 0, 3, 6 of 10 and features 0, 1, 3 of 5: ⌊i·10/3⌋ and ⌊i·5/3⌋.
  const part = atMost({ features: 3, rows: 3 }, whole);
  expect([...part.sae.decoder.data]).toEqual([0, 1, 1, 1, 3, 1]);
  expect([...part.sae.encoder.data]).toEqual([0, 2, 1, 2, 3, 2]);
  expect(part.codes).toMatchObject({ rows: 3, features: 3 });
  expect(part.codes).toEqual(
    fromDense([
      [1, 0, 0],
      [0, 0, 4],
      [0, 7, 0],
    ]),
  );
  expect(part).not.toHaveProperty('init');
});

test('what is small enough is taken whole, and is live by its codes alone', () => {
  const whole = counted();
  const same = atMost({ features: 5, rows: 10 }, { ...whole, firing });
  expect(same).toEqual(whole);
  expect(same.sae).toBe(whole.sae);
  expect(same.codes).toBe(whole.codes);
  const fewer = atMost({ features: 5, rows: 9 }, whole);
  expect(fewer.codes!.rows).toBe(9);
  expect(fewer.sae).toBe(whole.sae);
  const { codes: _, ...bare } = whole;
  expect(atMost({ features: 5, rows: 3 }, bare)).toEqual(bare);
});

test('a shuffled copy has the same features in another order, with their codes', () => {
  const whole = counted();
  const copy = shuffledCopy(whole, 3, 'some', { flip: false });
  const order = new Rng(3, 'control', 'some').permutation(5);
  expect([...order]).not.toEqual([0, 1, 2, 3, 4]);
  order.forEach((feature, at) => {
    expect([...row(copy.sae.decoder, at)]).toEqual([feature, 1]);
    expect([...row(copy.sae.encoder, at)]).toEqual([feature, 2]);
    // Fires first on row `feature`, with one more.
    expect(copy.codes!.indices[feature]).toBe(at);
    expect(copy.codes!.values[feature]).toBe(feature + 1);
  });
  expect(whole).toEqual(counted());
});

test('with signs turned, a feature’s decoder and encoder row are turned round together, of about half of them', () => {
  const features = 200;
  const ones = zeros(features, 3);
  ones.data.fill(2);
  const whole = member('a', ones);
  const { sae } = shuffledCopy(whole, 3, 'some', { flip: true });
  const signs = Array.from({ length: features }, (_, i) => {
    const rows = [...row(sae.decoder, i), ...row(sae.encoder, i)];
    expect(rows).toEqual(Array(6).fill(rows[0]));
    expect(Math.abs(rows[0])).toBe(2);
    return Math.sign(rows[0]);
  });
  const turned = signs.filter((sign) => sign < 0).length;
  // 100 ± 4 SDs of √50; with the first of them, where the order of draws is what is stated.
  expect(Math.abs(turned - 100)).toBeLessThan(29);
  const rng = new Rng(3, 'control', 'some');
  rng.permutation(features);
  expect(signs).toEqual(signs.map(() => (rng.below(2) === 0 ? 1 : -1)));
  expect([...whole.sae.decoder.data]).toEqual(Array(600).fill(2));
});

test('planted dictionaries share a quarter of their decoder rows and half of their encoder rows', () => {
  expect(plantedPart).toEqual({ features: 256, width: 64, decoder: 0.25, encoder: 0.5 });
  const [one, other] = plantedDictionaries(4);
  expect([one.id, other.id]).toEqual(['one', 'other']);
  for (const [part, shared] of [
    ['decoder', 64],
    ['encoder', 128],
  ] as const) {
    const [a, b] = [one.sae[part], other.sae[part]];
    expect([a.rows, a.cols]).toEqual([256, 64]);
    const same = (i: number) => row(a, i).every((value, j) => value === row(b, i)[j]);
    expect([...Array(256).keys()].filter(same)).toEqual([...Array(shared).keys()]);
    for (const { id, sae } of [one, other]) {
      const drawn = new Float32Array(4);
      new Rng(4, 'control', 'planted', id, part).fillNormal(drawn);
      if (id === 'one') expect([...sae[part].data.subarray(0, 4)]).toEqual([...drawn]);
    }
  }
  expect([...one.sae.decoder.data.subarray(0, 9)]).not.toEqual([...one.sae.encoder.data.subarray(0, 9)]);
});
