// The name of an SAE by its content: the same for the same values, and another for each value that scores depend on.
import { expect, test } from 'vitest';
import { contentKey } from '../../src/evidence/content-key.js';
import type { Member } from '../../src/sae/member.js';
import type { SaeWeights } from '../../src/sae/sae.js';
import { fromDense } from '../../src/tensor/sparse-codes.js';

/** Three features in two dimensions. */
function weights(from: number): SaeWeights {
  const matrix = (at: number) => ({
    rows: 3,
    cols: 2,
    data: Float32Array.from({ length: 6 }, (_, e) => at + e),
  });
  return {
    encoder: matrix(from),
    encoderBias: Float32Array.of(from, from + 1, from + 2),
    decoder: matrix(from + 10),
    decoderBias: Float32Array.of(from + 3, from + 4),
  };
}

function member(): Member {
  return {
    id: 'a',
    sae: {
      ...weights(1),
      architecture: 'relu',
      activation: { kind: 'relu' },
      subtractDecoderBias: false,
    },
    init: weights(50),
    codes: fromDense([
      [1, 0, 2],
      [0, 3, 0],
    ]),
  };
}

/** One value is another, in what was made anew, so that nothing of it is known yet. */
function changed(
  change: (of: { sae: SaeWeights; init: SaeWeights; codes: Member['codes'] }) => void,
): Member {
  const made = member();
  change({ sae: made.sae, init: made.init!, codes: made.codes });
  return made;
}

test('members of the same values have one key, whatever they are called', async () => {
  const key = await contentKey(member());
  expect(await contentKey({ ...member(), id: 'b' })).toBe(key);
  expect(key).toMatch(/^[0-9a-f]{64} [0-9a-f]{64} [0-9a-f]{64}$/);
  expect(new Set(key.split(' ')).size).toBe(3);
});

test('every value counts, of weights, of weights before training and of codes', async () => {
  const changes = [
    ...(['sae', 'init'] as const).flatMap((which) => [
      changed((of) => of[which].encoder.data.set([99], 2)),
      changed((of) => of[which].encoderBias.set([99], 1)),
      changed((of) => of[which].decoder.data.set([99], 5)),
      changed((of) => of[which].decoderBias.set([99], 0)),
    ]),
    changed(({ codes }) => codes!.values.set([99], 1)),
    changed(({ codes }) => codes!.indices.set([1], 0)),
    changed(({ codes }) => codes!.offsets.set([1], 1)),
  ];
  const keys = await Promise.all([member(), ...changes].map(contentKey));
  expect(new Set(keys).size).toBe(12);
});

test('the shape counts where the values are the same', async () => {
  const of = member();
  const { sae, codes } = of;
  const turned = { ...sae, encoder: { ...sae.encoder, rows: 2, cols: 3 } };
  const wider = { ...codes!, features: 4 };
  const keys = await Promise.all([
    contentKey(of),
    // Known by the arrays: those are made anew.
    contentKey({ ...of, sae: { ...turned, decoder: { ...sae.decoder } } }),
    contentKey({ ...of, codes: { ...wider, values: wider.values.slice() } }),
  ]);
  expect(new Set(keys).size).toBe(3);
});

test('what is not known has no part', async () => {
  const whole = (await contentKey(member())).split(' ');
  const { codes, init, ...bare } = member();
  expect((await contentKey({ ...bare, init: init! })).split(' ')).toEqual([whole[0], whole[1], '']);
  expect((await contentKey({ ...bare, codes: codes! })).split(' ')).toEqual([whole[0], '', whole[2]]);
  expect((await contentKey(bare)).split(' ')).toEqual([whole[0], '', '']);
});

test('arrays are hashed once, and stay as they are', async () => {
  const of = member();
  const key = await contentKey(of);
  of.sae.encoder.data[0] = 99;
  of.codes!.values[0] = 99;
  expect(await contentKey(of)).toBe(key);
});
