// Every metric on trained SAEs against numpy and scipy, on every kernel.
import { expect, test } from 'vitest';
import { decoderMatched, shared } from '../../src/metrics/index.js';
import { describeEveryKernel } from '../contracts/every-kernel.js';
import { measures } from './measures.js';
import { expected, trainedMembers } from './trained-fixture.js';

const members = await trainedMembers();

test('the fixture measures the same metrics, and has features without a direction and without a code', () => {
  expect(Object.keys(expected.metrics)).toEqual(Object.keys(measures));
  expect(new Set(members.map(({ sae }) => sae.decoder.rows)).size).toBe(2);
});

describeEveryKernel('trained SAEs', (kernel) => {
  test.each(Object.keys(measures))('%s agrees with numpy and scipy', async (id) => {
    const scores = await measures[id](members, kernel);
    expect(scores?.id).toBe(id);
    expect(scores?.pairs.map(({ a, b }) => [a, b])).toEqual([
      ['sae-0', 'sae-1'],
      ['sae-0', 'sae-2'],
      ['sae-1', 'sae-2'],
    ]);
    expected.metrics[id].forEach((pair, i) => {
      for (const key of ['value', 'aToB', 'bToA'] as const) {
        expect(Math.abs(scores!.pairs[i][key] - pair[key]), `pair ${i}, ${key}`).toBeLessThan(1e-6);
      }
    });
  });

  test('decoder rows get the partners that scipy gives them, and say the same from both sides', async () => {
    const { matches, leftOut, widths } = (await decoderMatched(members, kernel))!;
    expect(leftOut).toBe(1);
    expect(widths).toEqual([63, 64, 80]);
    matches.forEach(({ aToB, bToA, gap }, i) => {
      const partner = expected.decoderPartners[i];
      expect(Array.from(aToB.partner)).toEqual(Array.from(aToB.features, (feature) => partner[feature]));
      bToA.features.forEach((feature, j) => {
        expect(bToA.partner[j]).toBe(partner.indexOf(feature));
      });
      expect(gap).toBeLessThan(1e-12);
    });
  });

  test('a feature without decoder or encoder direction is left out of the shares', async () => {
    const { strict } = (await shared(members, kernel))!;
    expect(strict.widths).toEqual([63, 64, 79]);
    expect(strict.leftOut).toBe(2);
  });
});
