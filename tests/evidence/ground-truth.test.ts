// GT-match by hand, against scipy's assignment, and where it cannot be had.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { groundTruth, recovered, recoveredByBoth } from '../../src/evidence/ground-truth.js';
import { fromRows, type Matrix, zeros } from '../../src/tensor/index.js';
import { describeEveryKernel } from '../contracts/every-kernel.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

interface Case {
  truth: number[][];
  decoder: number[][];
  match: number;
  cosines: number[];
  recovered: Record<string, number>;
}
const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/ground-truth.json', import.meta.url), 'utf8'),
);

const axes = fromRows([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]);

describeEveryKernel('ground truth', (kernel) => {
  test('by hand: found, half found, and found the wrong way round', async () => {
    // Rows in another order: (0,3,4) is at .6 and .8 from the second and third axis, and the third is the better.
    const sae = member(
      'a',
      fromRows([
        [0, 3, 4],
        [2, 0, 0],
        [0, -1, 0],
      ]),
    );
    const [found] = await groundTruth([sae], [axes], kernel);
    expect(Array.from(found!.partners)).toEqual([1, 0, 2]);
    // Signed: .6 with the second axis and 0 for the third is more than .8 with −1.
    [1, 0.6, 0].forEach((cosine, i) => {
      expect(found!.cosines[i]).toBeCloseTo(cosine, 6);
    });
    expect(found!.match).toBeCloseTo(1.6 / 3, 6);
    expect([recovered(found!, 0.5), recovered(found!, 0.7)]).toEqual([2 / 3, 1 / 3]);
  });

  test('an opposite direction is not recovered, and a threshold is reached by what equals it', async () => {
    const truth = fromRows([[0, 1]]);
    const [opposite] = await groundTruth([member('a', fromRows([[0, -2]]))], [truth], kernel);
    expect(opposite).toMatchObject({ match: -1, cosines: Float64Array.of(-1) });
    expect(recovered(opposite!, 0.7)).toBe(0);
    const [half] = await groundTruth([member('a', fromRows([[4, 3]]))], [truth], kernel);
    expect(recovered(half!, half!.cosines[0])).toBe(1);
  });

  test('a narrow SAE leaves true features without a partner', async () => {
    const [found] = await groundTruth([member('a', fromRows([[0, 0, 5]]))], [axes], kernel);
    expect(found).toMatchObject({ id: 'a', match: 1, cosines: Float64Array.of(0, 0, 1) });
    expect(Array.from(found!.partners)).toEqual([-1, -1, 0]);
    expect(recovered(found!, 0.9)).toBeCloseTo(1 / 3, 12);
  });

  test('agrees with scipy', async () => {
    for (const { truth, decoder, match, cosines, ...expected } of cases) {
      const [found] = await groundTruth([member('a', fromRows(decoder))], [fromRows(truth)], kernel);
      expect(found!.match).toBeCloseTo(match, 6);
      cosines.forEach((cosine, i) => {
        expect(found!.cosines[i]).toBeCloseTo(cosine, 6);
      });
      for (const [t, share] of Object.entries(expected.recovered)) {
        expect(recovered(found!, Number(t))).toBeCloseTo(share, 12);
      }
    }
  });

  test('two SAEs have in common what both found of what both worlds have', async () => {
    const [a, b] = await groundTruth(
      [
        member('a', axes),
        member(
          'b',
          fromRows([
            [1, 0, 0],
            [0, 1, 1],
            [0, 0, 1],
          ]),
        ),
      ],
      [axes, axes],
      kernel,
    );
    expect(recoveredByBoth(a!, b!, 3, 0.9)).toBeCloseTo(2 / 3, 12);
    expect(recoveredByBoth(a!, b!, 3, 0.7)).toBe(1);
    expect(recoveredByBoth(a!, b!, 1, 0.9)).toBeCloseTo(1 / 3, 12);
    expect(recoveredByBoth(a!, b!, 0, 0.9)).toBe(0);
  });

  test('is undefined without a direction, and refuses what does not fit', async () => {
    const flat = member('a', fromRows([[0, 0, 0]]));
    expect(await groundTruth([flat], [axes], kernel)).toEqual([undefined]);
    const one = member('a', axes);
    // The others are matched all the same.
    const found = await groundTruth([flat, one], [axes, axes], kernel);
    expect(found.map((match) => match?.match)).toEqual([undefined, 1]);
    await expect(groundTruth([one], [], kernel)).rejects.toMatchObject({ code: 'input.shape' });
    await expect(groundTruth([one], [fromRows([[1, 0]])], kernel)).rejects.toMatchObject({
      code: 'input.shape',
    });
    await expect(groundTruth([one], [fromRows([[0, 0, 0]])], kernel)).rejects.toMatchObject({
      details: { field: 'the truth of a' },
    });
  });
});

test('a feature is recovered from the threshold on, by one SAE and by two', () => {
  const match = (...cosines: number[]) => ({
    id: 'a',
    match: 0,
    cosines: Float64Array.from(cosines),
    partners: new Int32Array(cosines.length),
  });
  expect(recovered(match(0.7, 0.9, 0.69, -1), 0.7)).toBe(0.5);
  const both = (a: number, b: number) => recoveredByBoth(match(a, 1), match(b, 1), 1, 0.7);
  expect([both(0.7, 0.7), both(0.7, 0.69), both(0.69, 0.7), both(0.8, 0.9), both(0, 0)]).toEqual([
    0.5, 0, 0, 0.5, 0,
  ]);
});

test('a true dictionary has a direction in each of its rows', async () => {
  const refused = (found: string) => ({
    code: 'input.shape',
    details: { field: 'the truth of a', found },
  });
  const of = (truth: Matrix) => groundTruth([member('a', axes)], [truth], atOnce);
  const [x, nothing] = [
    [1, 0, 0],
    [0, 0, 0],
  ];
  await expect(of(fromRows([nothing, x]))).rejects.toMatchObject(refused('feature 0 of length 0'));
  await expect(of(fromRows([x, nothing, nothing]))).rejects.toMatchObject(refused('feature 1 of length 0'));
  await expect(of(zeros(0, 3))).rejects.toMatchObject(refused('no features'));
});
