// Settings as the registries put them together: which architecture has which, what is missing, what is refused.
import { describe, expect, it } from 'vitest';
import {
  ownKeys,
  ownSettings,
  type SaeSettings,
  saeProblem,
  saeSettingsIn,
  usersOf,
  uses,
} from '../../src/training/architectures/registry.js';
import { plain } from '../../src/training/recipes/plain.js';
import { recipes } from '../../src/training/recipes/registry.js';
import { saeOf, startRun } from '../../src/training/sae-in-training.js';
import { isList } from '../../src/training/setting.js';
import { axes } from '../../src/training/settings.js';

it('numbers come before lists, and SAE before training', () => {
  const present: readonly string[] = ['k', 'sparsity', 'targetL0', 'groups'];
  expect(ownKeys.filter((key) => present.includes(key))).toEqual(present);
  const lists = ownKeys.map((key) => isList(ownSettings[key]));
  expect(lists).toEqual(lists.toSorted());
  expect(Object.keys(axes)).toEqual(['architecture', 'dSae', ...ownKeys, 'recipe', 'epochs', 'steps']);
});

it('an architecture uses the settings that it has', () => {
  expect(usersOf('k')).toEqual(['topk', 'batchtopk', 'matryoshka-batchtopk']);
  expect(usersOf('targetL0')).toEqual(['jumprelu']);
  expect(uses('gated', 'sparsity')).toBe(true);
  expect(uses('gated', 'k')).toBe(false);
});

describe('what keeps settings from being an SAE', () => {
  it.each([
    ['a setting that is missing', { architecture: 'relu', dSae: 8 }, 'sparsity is missing: relu needs it'],
    [
      'one of several that is missing',
      { architecture: 'matryoshka-batchtopk', dSae: 8, k: 2 },
      'groups is missing: matryoshka-batchtopk needs it',
    ],
    [
      'none of those of which one is enough',
      { architecture: 'jumprelu', dSae: 8 },
      'sparsity is missing: jumprelu needs it',
    ],
    ['k above the number of features', { architecture: 'batchtopk', dSae: 8, k: 9 }, 'k is larger than dSae'],
    [
      'prefixes that end before the last feature',
      { architecture: 'matryoshka-batchtopk', dSae: 8, k: 2, groups: [2, 4] },
      'groups must grow, and the last one must be dSae',
    ],
    ['one of several, which is enough', { architecture: 'jumprelu', dSae: 8, targetL0: 2 }, undefined],
    [
      'k above the number of features, of no use',
      { architecture: 'relu', dSae: 8, k: 9, sparsity: 1 },
      undefined,
    ],
  ] as const)('%s', (_, given, expected) => {
    expect(saeProblem(given)?.problem).toBe(expected);
  });
});

describe('settings among others', () => {
  it('are those that the architecture has, in its order', () => {
    const given = { recipe: 'plain', groups: [4, 8], k: 2, dSae: 8, sparsity: 1, architecture: 'topk' };
    expect(JSON.stringify(saeSettingsIn(given))).toBe('{"architecture":"topk","dSae":8,"k":2}');
  });

  it.each([
    ['of no architecture', { dSae: 8, k: 2 }],
    ['of an unknown one', { architecture: 'toString', dSae: 8 }],
    ['beyond their limits', { architecture: 'topk', dSae: 8, k: -2 }],
    ['incomplete', { architecture: 'gated', dSae: 8 }],
    ['no settings at all', null],
  ])('are none where they are %s', (_, given) => {
    expect(saeSettingsIn(given)).toBeUndefined();
  });
});

describe('training refuses', () => {
  it('settings that an architecture cannot have, by name', () => {
    const sae: SaeSettings = { architecture: 'topk', dSae: 8 };
    expect(() => startRun({ sae, recipe: plain }, 1, 4)).toThrow(/k: not settings of topk/);
  });

  it('an architecture that its recipe has no rules for', () => {
    const { dense: _, ...recipe } = plain;
    const sae: SaeSettings = { architecture: 'relu', dSae: 8, sparsity: 1 };
    expect(() => startRun({ sae, recipe }, 1, 4)).toThrow('the recipe plain has no rules for relu');
  });
});

it('TopK keeps codes below 0 by the plain recipe, where rows are encoded one by one', () => {
  const relu = (architecture: 'topk' | 'batchtopk') => {
    const plan = { sae: { architecture, dSae: 8, k: 2 }, recipe: recipes.plain };
    return saeOf(startRun(plan, 1, 4), plan).activation;
  };
  expect(relu('topk')).toEqual({ kind: 'topk', k: 2, relu: false });
  expect(relu('batchtopk')).toEqual({ kind: 'topk', k: 2, relu: true });
});
