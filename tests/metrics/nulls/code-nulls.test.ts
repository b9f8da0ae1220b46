// Nulls of codes: untrained SAEs on the same activations, and the one-to-one score of permuted rows.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { matchedRowPermutationNull, rowPermutationNull } from '../../../src/metrics/nulls/row-permutation.js';
import { untrainedNull } from '../../../src/metrics/nulls/untrained.js';
import { activationScores } from '../../../src/metrics/pairs/activation.js';
import { activationMatched } from '../../../src/metrics/pairs/activation-matched.js';
import { encode } from '../../../src/sae/encode.js';
import type { Member } from '../../../src/sae/member.js';
import { jackknifeStandardError } from '../../../src/stats/jackknife.js';
import { mean, sampleSd } from '../../../src/stats/summary.js';
import { fromDense, Rng, type SparseCodes, takeCodeRows, zeros } from '../../../src/tensor/index.js';
import { member } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

function random(rows: number, cols: number, ...stream: (string | number)[]) {
  const out = zeros(rows, cols);
  new Rng(3, 'test', ...stream).fillNormal(out.data);
  return out;
}

/** Codes [120 × 6] with two random features on each row. */
function randomCodes(...stream: (string | number)[]): SparseCodes {
  const rng = new Rng(4, 'test', ...stream);
  return fromDense(
    Array.from({ length: 120 }, () => {
      const order = rng.permutation(6);
      return Array.from({ length: 6 }, (_, i) => (order[i] < 2 ? 1 + rng.uniform() : 0));
    }),
  );
}

const x = random(50, 5, 'x');
const saes = ['a', 'b', 'c'].map(
  (id): Member => member(id, random(9, 5, id), undefined, random(9, 5, id, 'init')),
);

test('untrained: the scores of the initial weights on the same activations', async () => {
  const nulls = (await untrainedNull(saes, x, { kernel }))!;
  const group = await Promise.all(
    saes.map(async ({ id, sae, init }) => ({ id, codes: await encode({ ...sae, ...init }, x, kernel) })),
  );
  const scores = (await activationScores(group, kernel))!;
  for (const form of ['all', 'live'] as const) {
    const { pairs, members } = scores[form]!;
    expect(nulls[form]).toMatchObject({ kind: 'untrained', draws: 0, exact: true });
    expect(nulls[form]?.mean).toBe(mean(pairs.map(({ value }) => value)));
    expect(nulls[form]?.sd).toBe(jackknifeStandardError(pairs, members));
  }
  // It is not the score of the trained ones.
  const trained = await untrainedNull(
    saes.map((m) => ({ ...m, init: m.sae })),
    x,
    { kernel },
  );
  expect(trained!.all.mean).not.toBe(nulls.all.mean);
});

test('untrained: as sparse as the trained codes, where the architecture does not say how sparse', async () => {
  const sparse = (kind: 'relu' | 'jumprelu', perRow: number): Member[] =>
    saes.map((one) => ({
      ...one,
      sae: {
        ...one.sae,
        activation: kind === 'relu' ? { kind } : { kind, threshold: new Float32Array(9).fill(0.1) },
      },
      codes: fromDense(
        Array.from({ length: 50 }, (_, n) => Array.from({ length: 9 }, (__, i) => +((n + i) % 9 < perRow))),
      ),
    }));
  const kept = (k: number): Member[] =>
    saes.map((one) => ({ ...one, sae: { ...one.sae, activation: { kind: 'topk', k, relu: true } } }));
  const level = async (members: Member[]) => (await untrainedNull(members, x, { kernel }))!.all.mean;
  for (const kind of ['relu', 'jumprelu'] as const) {
    for (const k of [1, 3]) expect(await level(sparse(kind, k))).toBe(await level(kept(k)));
  }
  // Without codes it is not known how sparse, and a ReLU lets half of the features through.
  const open = sparse('relu', 1).map(({ codes: _, ...one }) => one);
  expect(await level(open)).toBeGreaterThan((await level(kept(1))) + 0.1);
});

test('untrained: absent where an init is unknown or there is one SAE; two SAEs have a spread', async () => {
  const { init: _, ...bare } = saes[0];
  expect(await untrainedNull([bare, saes[1]], x, { kernel })).toBeUndefined();
  expect(await untrainedNull(saes.slice(1, 2), x, { kernel })).toBeUndefined();
  expect((await untrainedNull(saes.slice(1), x, { kernel }))!.all.sd).toBeGreaterThan(0);
});

test('permuted rows, one-to-one: the mean and spread of scores with the rows of one side shuffled', async () => {
  const decoder = random(6, 4, 'decoder');
  const codes = [randomCodes('a'), randomCodes('a'), randomCodes('c')];
  const members = codes.map((c, i) => member(String(i), decoder, c));
  const { live: matched } = (await matchedRowPermutationNull(members, { kernel, seed: 1, draws: 120 }))!;
  expect(matched).toMatchObject({ kind: 'row-permutation', draws: 120, exact: false });
  const groups: number[] = [];
  for (let draw = 0; draw < 120; draw++) {
    const shuffled = codes.map((c, i) =>
      member(String(i), decoder, takeCodeRows(c, new Rng(7, draw, i).permutation(120))),
    );
    const { pairs } = (await activationMatched(shuffled, kernel))!;
    groups.push(mean(pairs.map(({ value }) => value)));
  }
  const error = Math.hypot(matched!.meanError!, sampleSd(groups) / Math.sqrt(120));
  expect(Math.abs(matched!.mean - mean(groups))).toBeLessThan(4 * error);
  // Whole groups know an SD to 6 %, pairs by kind to 9 %.
  expect(matched!.sd / sampleSd(groups)).toBeGreaterThan(0.7);
  expect(matched!.sd / sampleSd(groups)).toBeLessThan(1.4);
  const unpermuted = (await activationMatched(members, kernel))!;
  expect(unpermuted.pairs[0].value).toBeCloseTo(1, 6);
  expect(matched!.mean).toBeLessThan(0.7);
});

test('permuted rows, one-to-one: absent where some SAE has no live feature', async () => {
  const silent = member('silent', random(6, 4, 'd'), fromDense(Array.from({ length: 120 }, () => [0, 0])));
  const members = [member('a', random(6, 4, 'd'), randomCodes('a')), silent];
  const options = { kernel, seed: 1, draws: 2 };
  expect(await rowPermutationNull(members, options)).toBeDefined();
  expect(await matchedRowPermutationNull(members, options)).toBeUndefined();
});
