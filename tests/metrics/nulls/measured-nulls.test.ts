// The nulls that are measured on the SAEs themselves.
import { afterAll, expect, test } from 'vitest';
import type { BestMatches, Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { activationScores, decoderMax } from '../../../src/metrics/index.js';
import { ownInitNull } from '../../../src/metrics/nulls/own-init.js';
import { rowPermutationNull } from '../../../src/metrics/nulls/row-permutation.js';
import { expectedMax } from '../../../src/stats/best-cosine.js';
import { jackknifeStandardError } from '../../../src/stats/jackknife.js';
import { mean } from '../../../src/stats/summary.js';
import { fromDense, fromRows, type Matrix, Rng, type SparseCodes, zeros } from '../../../src/tensor/index.js';
import { fixture, fixtureMembers, member } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

function random(rows: number, cols: number, stream: string): Matrix {
  const out = zeros(rows, cols);
  new Rng(3, 'test', stream).fillNormal(out.data);
  return out;
}

/** Codes [200 × 8] with two random features on each row. */
function randomCodes(stream: string): SparseCodes {
  const rng = new Rng(4, 'test', stream);
  return fromDense(
    Array.from({ length: 200 }, () => {
      const order = rng.permutation(8);
      return Array.from({ length: 8 }, (_, i) => (order[i] < 2 ? 1 + rng.uniform() : 0));
    }),
  );
}

test('own init is the metric on the initial decoders', async () => {
  const initial = fixture.members.map(({ init, codes }, i) =>
    member(`sae-${i}`, fromRows(init), fromDense(codes)),
  );
  for (const live of [false, true]) {
    const scores = (await decoderMax(initial, kernel, { live }))!;
    const own = await ownInitNull(fixtureMembers, kernel, { live });
    expect(own?.mean).toBe(mean(scores.pairs.map((p) => p.value)));
    expect(own?.sd).toBe(jackknifeStandardError(scores.pairs, scores.members));
    expect(own).toMatchObject({ kind: 'own-init', draws: 0, exact: true });
  }
});

test('own init of two SAEs takes its SD from the features, and it is of the right size', async () => {
  const means: number[] = [];
  let claimed = 0;
  for (let draw = 0; draw < 30; draw++) {
    const pair = ['a', 'b'].map((id) =>
      member(id, random(4, 16, 'trained'), undefined, random(60, 16, `${draw}${id}`)),
    );
    const own = (await ownInitNull(pair, kernel))!;
    means.push(own.mean);
    claimed += own.sd / 30;
  }
  const centre = mean(means);
  const real = Math.sqrt(mean(means.map((m) => (m - centre) ** 2)));
  expect(centre).toBeCloseTo(expectedMax(16, 60), 2);
  expect(claimed).toBeGreaterThan(0.8 * real);
  expect(claimed).toBeLessThan(2.5 * real);
});

test('own init is absent where an init is unknown', async () => {
  const [a, b] = fixtureMembers;
  const { init: _, ...without } = b;
  expect(await ownInitNull([a, without], kernel)).toBeUndefined();
});

test('row permutation takes away agreement between SAEs that agree fully', async () => {
  const codes = randomCodes('one');
  const decoder = random(8, 4, 'decoder');
  const same = ['a', 'b', 'c'].map((id) => member(id, decoder, codes));
  const { all, live } = (await rowPermutationNull(same, { kernel, seed: 1, draws: 20 }))!;
  expect(all).toEqual(live);
  // Codes that really are unrelated give what the null says.
  const scores = (await activationScores(
    ['one', 'two', 'three'].map((id) => ({ id, codes: randomCodes(id) })),
    kernel,
  ))!;
  const unrelated = mean(scores.all.pairs.map((p) => p.value));
  expect(Math.abs(unrelated - all.mean)).toBeLessThan(5 * all.sd);
  expect(all.mean).toBeLessThan(0.5);
  expect(all.sd).toBeGreaterThan(0);
  // Whole rounds of the three pairs.
  expect(all).toMatchObject({ kind: 'row-permutation', draws: 18, exact: false });
});

test('row permutation: dead features dilute the null over all features just as they dilute the score', async () => {
  const nulls = (await rowPermutationNull(fixtureMembers, { kernel, seed: 1, draws: 5 }))!;
  expect(nulls.all.mean).toBeLessThan(nulls.live!.mean);
  const silent = fixtureMembers.map((m) => ({ ...m, codes: fromDense([[0, 0]]) }));
  const dead = (await rowPermutationNull(silent, { kernel, seed: 1, draws: 2 }))!;
  expect(dead.all.mean).toBe(0);
  expect(dead).not.toHaveProperty('live');
  const [{ codes: _, ...bare }, other] = fixtureMembers;
  expect(await rowPermutationNull([bare, other], { kernel, seed: 1, draws: 2 })).toBeUndefined();
});

test('row permutation moves one of a pair, goes through the pairs, and depends on the seed only', async () => {
  const codes = randomCodes('one');
  const same = ['a', 'b', 'c'].map((id) => member(id, random(8, 4, 'decoder'), codes));
  const seen: SparseCodes[][] = [];
  const watching: Kernel = {
    ...kernel,
    coFiring: (a: SparseCodes, b: SparseCodes): Promise<BestMatches> => {
      seen.push([a, b]);
      return kernel.coFiring(a, b);
    },
  };
  const first = await rowPermutationNull(same, { kernel: watching, seed: 9, draws: 2 });
  // One pair a draw for the best match, and one for the one-to-one score, which does not ask for co-firing.
  expect(seen).toHaveLength(2);
  for (const [a, b] of seen) {
    expect(a).toBe(codes);
    expect(b.indices).not.toEqual(codes.indices);
  }
  expect(seen[0][1].indices).not.toEqual(seen[1][1].indices);
  expect(await rowPermutationNull(same, { kernel, seed: 9, draws: 2 })).toEqual(first);
  expect(await rowPermutationNull(same, { kernel, seed: 8, draws: 2 })).not.toEqual(first);
});
