// Which SAEs take part in metrics, and how wide the widest is.
import { expect, test } from 'vitest';
import { fitOnOthers, usable, widestDictionary } from '../../src/evidence/index.js';
import { member } from '../diagnosis/hand.js';

test('those with a weight that is no number, or whose training diverged, do not', () => {
  const broken = (id: string, nan: number, inf: number) =>
    member(id, { numerics: { nan, inf, zeroFeatures: 0 } });
  const members = [
    broken('sound', 0, 0),
    broken('nan', 1, 0),
    broken('inf', 0, 1),
    broken('both', 2, 2),
    member('trained', { training: { steps: 9 } }),
    member('diverged', { training: { steps: 9, divergedAt: 3 } }),
  ];
  expect(usable(members).map(({ id }) => id)).toEqual(['sound', 'trained']);
});

test('the widest dictionary has so many features, and that of no SAE has none', () => {
  const members = [3, 7, 5].map((features) => member('a', { features }));
  expect([widestDictionary({ members }), widestDictionary({ members: [] })]).toEqual([7, 0]);
});

test('the fit on other rows is that without most of what is odd', () => {
  const [all, ordinary, elsewhere] = [1, 2, 3].map((mse) => ({ mse, explainedVariance: 0, l0: 1 }));
  expect(fitOnOthers(member('a', { fit: all }))).toBe(all);
  expect(fitOnOthers(member('a', { fit: all, ordinaryFit: ordinary }))).toBe(ordinary);
  expect(fitOnOthers(member('a', { fit: all, ordinaryFit: ordinary, elsewhereFit: elsewhere }))).toBe(
    elsewhere,
  );
});
