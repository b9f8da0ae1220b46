// Axes of a planted study: every combination once, named by what varies.
import { expect, it } from 'vitest';
import { plantedPlans } from '../../src/activations/planted-plans.js';

const one = { features: 8, dModel: 4, rows: 10, active: 2 };

it('one plan has a plain name and the defaults', () => {
  expect(plantedPlans(one)).toEqual([
    {
      id: 'planted',
      label: 'planted',
      plan: { ...one, firing: 'exactly', zipf: 0, noise: 0, overlap: 1, seed: 0 },
      condition: { features: 8, dModel: 4, active: 2, firing: 'exactly', zipf: 0, noise: 0 },
    },
  ]);
});

it('goes through overlaps within each condition', () => {
  const plans = plantedPlans({ ...one, noise: [0, 0.3], overlap: [0, 0.5], zipf: [1], seed: 7 });
  expect(plans.map(({ id }) => id)).toEqual([
    'planted.noise0.overlap0',
    'planted.noise0.overlap0.5',
    'planted.noise0.3.overlap0',
    'planted.noise0.3.overlap0.5',
  ]);
  expect(plans[2].label).toBe('noise 0.3, overlap 0');
  expect(plans[3].plan).toMatchObject({ noise: 0.3, overlap: 0.5, zipf: 1, seed: 7 });
  expect(plans[0].condition).toEqual(plans[1].condition);
  expect(plans[2].condition).not.toEqual(plans[1].condition);
});
