// What recipes start from and what they refuse: lengths of rows, ties, biases, constants of the packages.
import { describe, expect, it } from 'vitest';
import { Rng, row, rowNorms, zeros } from '../../src/tensor/index.js';
import { fromRows } from '../../src/tensor/matrix.js';
import {
  type ArchitectureName,
  architectureNames,
  type SaeSettings,
} from '../../src/training/architectures/registry.js';
import { geometricMedian } from '../../src/training/geometric-median.js';
import { initialSae, knownInit } from '../../src/training/known-init.js';
import { notTrained } from '../../src/training/recipe.js';
import { recipeNames, recipes } from '../../src/training/recipes/registry.js';
import { startRun } from '../../src/training/sae-in-training.js';
import { settingsFor } from './settings-for.js';

const d = 16;
const dSae = 48;
const x = zeros(60, d);
new Rng(3, 'x').fillNormal(x.data);
for (let i = 0; i < x.data.length; i++) x.data[i] += 2;

const pairs = recipeNames.flatMap((recipe) =>
  architectureNames
    .map((architecture) => ({ recipe, architecture, sae: settingsFor(recipe, architecture, dSae) }))
    .filter(({ sae }) => notTrained(recipes[recipe], sae) === undefined),
);

describe.each(pairs)('$recipe, $architecture', ({ recipe, architecture, sae }) => {
  const plan = { sae, recipe: recipes[recipe] };
  const { adam } = startRun(plan, 5, d, x);

  it('starts from the init seed alone, with moments and biases of 0', () => {
    const again = startRun(plan, 5, d, x);
    expect(again.adam.weights).toEqual(adam.weights);
    const other = startRun(plan, 6, d, x);
    expect(other.adam.weights.decoder).not.toEqual(adam.weights.decoder);
    for (const moments of [adam.first, adam.second]) {
      expect(Object.values(moments).every((values) => values.every((v) => v === 0))).toBe(true);
    }
    for (const [name, values] of Object.entries(adam.weights)) {
      if (!/[bB]ias/.test(name) || name === 'decoderBias') continue;
      expect(values.every((v) => v === 0)).toBe(true);
    }
  });

  it('has decoder rows of one length, and an encoder tied to them, where the package has', () => {
    if (recipe === 'plain') return;
    const length = recipe === 'saelens' || architecture === 'relu' ? 0.1 : 1;
    for (const norm of rowNorms({ rows: dSae, cols: d, data: adam.weights.decoder })) {
      expect(norm).toBeCloseTo(length, 6);
    }
    adam.weights.encoder.forEach((w, i) => {
      // OpenAI's encoder rows point alike, and keep the lengths that were drawn.
      const at = i - (i % d);
      const scale = recipe === 'openai' ? adam.weights.encoder[at] / adam.weights.decoder[at] : 1;
      expect(w).toBeCloseTo(adam.weights.decoder[i] * scale, 5);
    });
  });

  it('has its decoder bias at 0 or at the geometric median', () => {
    const atMedian = recipe === 'openai' || (recipe === 'dictionary-learning' && 'k' in sae);
    const median = Float32Array.from(geometricMedian(x));
    expect(adam.weights.decoderBias).toEqual(atMedian ? median : new Float32Array(d));
    expect(median[0]).toBeGreaterThan(1);
  });

  it('is known again from its record', () => {
    const { decoder } = initialSae(plan, 5, d);
    const trained = { ...initialSae(plan, 9, d) };
    const record = { recipe, initSeed: 5, settings: sae };
    expect(knownInit(trained, record)?.decoder.data).toEqual(decoder.data);
  });
});

it('OpenAI scales its encoder so that random unit rows come back with length 1', () => {
  const sae: SaeSettings = { architecture: 'topk', dSae: 256, k: 8 };
  const { encoder, decoder } = recipes.openai.init(1, 32, 256, sae);
  const rng = new Rng(77, 'others');
  let sum = 0;
  for (let n = 0; n < 200; n++) {
    const u = zeros(1, 32);
    rng.fillNormal(u.data);
    const [norm] = rowNorms(u);
    const p = Array.from({ length: 256 }, (_, f) =>
      row(encoder, f).reduce((s, w, j) => s + (w * u.data[j]) / norm, 0),
    );
    const kept = [...p.keys()].sort((a, b) => p[b] - p[a]).slice(0, 8);
    const back = new Float64Array(32);
    for (const f of kept)
      row(decoder, f).forEach((w, j) => {
        back[j] += Math.max(p[f], 0) * w;
      });
    sum += Math.hypot(...back);
  }
  expect(sum / 200).toBeCloseTo(1, 1);
});

it('combinations that are not defined are refused by name', () => {
  const told = (recipe: keyof typeof recipes, architecture: ArchitectureName) =>
    notTrained(recipes[recipe], settingsFor(recipe, architecture, dSae));
  expect(told('openai', 'gated')).toBe('the recipe openai is not defined for gated, only for topk');
  expect(told('saelens', 'gated')).toContain('saelens is not defined for gated');
  expect(notTrained(recipes.saelens, { architecture: 'jumprelu', targetL0: 4 })).toBe(
    'the recipe saelens trains jumprelu by sparsity, not by targetL0',
  );
  expect(notTrained(recipes['dictionary-learning'], { architecture: 'jumprelu' })).toContain(
    'not by sparsity',
  );
  const plan = { sae: settingsFor('openai', 'relu', dSae), recipe: recipes.openai };
  expect(() => startRun(plan, 1, d)).toThrow('openai is not defined for relu');
});

it('learning rates fall with the root of the width where the package has it so', () => {
  const rate = recipes['dictionary-learning'].learningRate;
  expect(rate({ architecture: 'topk', dSae: 2 ** 14, k: 1 })).toBe(2e-4);
  expect(rate({ architecture: 'topk', dSae: 2 ** 12, k: 1 })).toBe(4e-4);
  expect(rate({ architecture: 'gated', dSae: 10 })).toBe(5e-5);
});

it('the geometric median of three corners is where they are seen under equal angles, and of a line its middle', () => {
  const triangle = geometricMedian(
    fromRows([
      [0, 0],
      [4, 0],
      [2, Math.sqrt(12)],
    ]),
  );
  expect(triangle[0]).toBeCloseTo(2, 4);
  expect(triangle[1]).toBeCloseTo(2 / Math.sqrt(3), 4);
  // The mean is 34; the rows on either side hold each other.
  expect(geometricMedian(fromRows([[0], [2], [100]]))[0]).toBeCloseTo(2, 1);
});
