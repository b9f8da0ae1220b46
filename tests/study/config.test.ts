// The study file: what it may say, what is refused by name, and the plan that it gives.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseStudy } from '../../src/study/config.js';
import { planStudy } from '../../src/study/plan.js';

const good = `name: small
activations:
  transformer: 2
  layers: [0]
  sites: [plus]
sae: { architecture: topk, dSae: 64, k: 4 }
training: { recipe: plain, epochs: 3, batchSize: 32 }
seeds:
  init: [1, 2]
`;

function messageOf(text: string): string {
  try {
    parseStudy(text, 'study.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

describe('the study file', () => {
  it('of the shipped example is valid', async () => {
    const file = new URL('../../examples/layer-0-anomaly.yaml', import.meta.url);
    const study = parseStudy(await readFile(file, 'utf8'), 'layer-0-anomaly.yaml');
    expect(study.seeds.init).toHaveLength(5);
    expect(planStudy(study, false).groups.flatMap((g) => g.saes)).toHaveLength(20);
    expect(planStudy(study, false).shortened).toBeUndefined();
    expect(planStudy(study, true).shortened?.epochs?.asked).toEqual({ low: 50, high: 50 });
  });

  it('has defaults for what can be left out', () => {
    const study = parseStudy(good, 'study.yaml');
    expect(study.seeds.order).toBe('same');
    expect(study.analysis.draws).toBe(20);
  });

  // Each names line and column, the key, and what was found there.
  it.each([
    [
      'an unknown key',
      good.replace('epochs: 3', 'epoch: 3'),
      /^study\.yaml:7:\d+, training\.epoch: no such key/,
    ],
    [
      'an unknown site',
      good.replace('[plus]', '[minus]'),
      /^study\.yaml:5:11, activations\.sites\.0: .*found "minus"/,
    ],
    ['a wrong type', good.replace('k: 4', 'k: four'), /^study\.yaml:6:\d+, sae\.k: .*found "four"/],
    ['a fraction', good.replace('dSae: 64', 'dSae: 6.4'), /^study\.yaml:6:\d+, sae\.dSae: .*found 6\.4/],
    ['a missing key', good.replace(', k: 4', ''), /^study\.yaml:6:6, sae\.k: /],
    [
      'k above dSae',
      good.replace('k: 4', 'k: 65'),
      /^study\.yaml:6:\d+, sae\.k: k is larger than dSae; found 65/,
    ],
    ['one seed', good.replace('[1, 2]', '[1]'), /^study\.yaml:9:9, seeds\.init: at least two seeds/],
    [
      'a seed twice',
      good.replace('[1, 2]', '[1, 1]'),
      /^study\.yaml:9:9, seeds\.init: the same entry stands twice/,
    ],
    ['too few order seeds', `${good}  order: [7]\n`, /^study\.yaml:10:10, seeds\.order: as many order seeds/],
    ['broken YAML', good.replace('[0]', '[0'), /^study\.yaml:\d+:\d+: /],
    ['an empty file', '', /^study\.yaml:1:1: /],
    [
      'a claim without a tolerance',
      `${good}claims:\n  - { id: a, text: t, published: 1, measure: { group: layer0.plus, metric: decoder.max } }\n`,
      /^study\.yaml:11:\d+, claims\.0\.tolerance: a published number needs a tolerance/,
    ],
    [
      'an unknown metric in a claim',
      `${good}claims:\n  - { id: a, text: t, published: 1, tolerance: 1, measure: { group: g, metric: decoder.maximum } }\n`,
      /^study\.yaml:11:\d+, claims\.0\.measure\.metric: .*decoder\.maximum/,
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(messageOf(text)).toMatch(message);
  });
});

describe('the plan', () => {
  it('gives each SAE its init and order seed', () => {
    const seeds = (order: string) => {
      const study = parseStudy(`${good}  order: ${order}\n`, 'study.yaml');
      return planStudy(study, false).groups[0].saes.map(({ initSeed, orderSeed, id }) => [
        initSeed,
        orderSeed,
        id,
      ]);
    };
    expect(seeds('same')).toEqual([
      [1, 1, 'layer0.plus.seed1'],
      [2, 2, 'layer0.plus.seed2'],
    ]);
    expect(seeds('9').map(([, order]) => order)).toEqual([9, 9]);
    expect(seeds('[5, 6]')).toEqual([
      [1, 5, 'layer0.plus.init1-order5'],
      [2, 6, 'layer0.plus.init2-order6'],
    ]);
  });
});
