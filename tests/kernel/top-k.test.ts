// TopK autoencoders: gradients against finite differences and PyTorch, selection over a batch against its definition.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchSelection } from '../../src/kernel/portable/batch-selection.js';
import { TopKEntries } from '../../src/kernel/portable/top-k-entries.js';
import { topKGradients } from '../../src/kernel/portable/train.js';
import type { TopKAuxiliary, TopKHyper, TopKState } from '../../src/kernel/top-k.js';
import { Rng } from '../../src/tensor/index.js';
import { hyper, randomRows, randomState } from '../contracts/training-cases.js';
import {
  difference,
  names,
  optionsBatches,
  optionsRuns,
  optionsX,
  stateOfOnce,
  unpackWeights,
} from '../contracts/training-options-fixture.js';

describe.each([...optionsRuns])('one pass as PyTorch has it: $name', (run) => {
  test('losses and the gradient of every parameter', () => {
    const state = stateOfOnce(run);
    const before = structuredClone(state);
    const found = topKGradients(state, optionsX.data, optionsBatches[0], run.hyper);
    expect(found.reconstruction).toBeCloseTo(run.once.losses[0], 5);
    expect(found.auxiliary).toBeCloseTo(run.once.losses[1], 5);
    expect(found.dead).toBe(run.once.dead);
    const expected = unpackWeights(run.once.gradients);
    for (const name of names) {
      expect([name, difference(found.gradients[name], expected[name]) < 1e-5]).toEqual([name, true]);
    }
    expect(state).toEqual(before);
  });
});

const auxiliary: TopKAuxiliary = {
  k: 2,
  coefficient: 0.7,
  relu: true,
  normalise: false,
  scaleByDead: true,
  bias: 'none',
  dead: { unit: 'steps', window: 3, judged: 'before', firedAbove: 0 },
};

const problem = fc.record({
  relu: fc.boolean(),
  subtractDecoderBias: fc.boolean(),
  meanOverWidth: fc.boolean(),
  rankByDecoderNorm: fc.boolean(),
  isBatch: fc.boolean(),
  hasLevels: fc.boolean(),
  auxiliaryRelu: fc.boolean(),
  normalise: fc.boolean(),
  seed: fc.nat(),
  pick: fc.nat(),
});

/** Slopes of a loss below and above an entry, or undefined where they show a kink between them. */
function slopeAt(values: Float32Array, i: number, loss: () => number): number | undefined {
  const kept = values[i];
  const [low, here, high] = [-(2 ** -9), 0, 2 ** -9].map((step) => {
    values[i] = kept + step;
    return { at: values[i], value: loss() };
  });
  values[i] = kept;
  const below = (here.value - low.value) / (here.at - low.at);
  const above = (high.value - here.value) / (high.at - here.at);
  const slope = (high.value - low.value) / (high.at - low.at);
  return Math.abs(above - below) < 8e-3 * (1 + Math.abs(slope)) ? slope : undefined;
}

test('gradients are those of finite differences, where no feature comes in or goes', () => {
  const compared = { reconstruction: 0, auxiliary: 0 };
  fc.assert(
    fc.property(problem, ({ seed, pick, isBatch, hasLevels, auxiliaryRelu, normalise, ...rest }) => {
      const x = randomRows(6, 4, 6, seed);
      const state: TopKState = randomState(7, 4, seed);
      // The last three are dead, and their bias keeps the main selection from them.
      state.sinceFired.fill(3, 4);
      for (const i of [4, 5, 6]) state.weights.encoderBias[i] = -20;
      const options: TopKHyper = {
        ...hyper,
        ...rest,
        k: 2,
        relu: rest.relu || isBatch,
        selection: isBatch ? 'batch' : 'row',
        levels: hasLevels
          ? [
              { features: 2, weight: 0.5 },
              { features: 5, weight: 2 },
              { features: 7, weight: 0.75 },
            ]
          : [],
      };
      const batch = Int32Array.of(0, 1, 2, 3, 4, 5);
      const live = pick % 2 === 0;
      const dead: TopKHyper = { ...options, auxiliary: { ...auxiliary, relu: auxiliaryRelu, normalise } };
      const used = live ? options : dead;
      if (!live && auxiliaryRelu) for (const i of [4, 5, 6]) state.weights.encoderBias[i] = -0.5;
      const run = () => topKGradients(state, x.data, batch, used);
      const { gradients } = run();
      for (const name of names) {
        // e is held fixed, so only what moves it not can be compared: dead features that are selected nowhere.
        if (!live && name === 'decoderBias') continue;
        const width = name === 'encoder' || name === 'decoder' ? 4 : 1;
        const from = live ? 0 : 4 * width;
        const i = from + (pick % (state.weights[name].length - from));
        const fixed = run();
        const slope = slopeAt(state.weights[name], i, () => {
          const { reconstruction, auxiliary: added } = run();
          return live || reconstruction === fixed.reconstruction ? reconstruction + added : Number.NaN;
        });
        if (slope === undefined || Number.isNaN(slope)) continue;
        compared[live ? 'reconstruction' : 'auxiliary']++;
        expect(Math.abs(gradients[name][i] - slope)).toBeLessThan(5e-3 * (1 + Math.abs(slope)));
      }
    }),
    { numRuns: 400 },
  );
  expect(compared.reconstruction).toBeGreaterThan(400);
  expect(compared.auxiliary).toBeGreaterThan(200);
});

test('a batch keeps what ranks highest of all its pairs, ties to the lower row and feature', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.nat(),
      (rows, features, most, isScaled, seed) => {
        const rng = new Rng(seed, 'ranks');
        // Few values, so that there are many ties.
        const values = Float64Array.from({ length: rows * features }, () => rng.below(5) - 1.5);
        const scales = isScaled ? Float64Array.from({ length: features }, () => 1 + rng.below(2)) : undefined;
        const best = new BatchSelection(features, most);
        for (let n = 0; n < rows; n++) best.offer(n, values, n * features, scales);
        const entries = new TopKEntries();
        const lowest = best.finish(rows, entries);
        const rank = (p: number) => values[p] * (scales?.[p % features] ?? 1);
        const expected = [...values.keys()]
          .filter((p) => rank(p) > 0)
          .sort((p, q) => rank(q) - rank(p) || p - q)
          .slice(0, most)
          .sort((p, q) => p - q);
        const found = [];
        for (let n = 0; n < rows; n++) {
          for (let e = entries.offsets[n]; e < entries.offsets[n + 1]; e++) {
            found.push(n * features + entries.features[e]);
            expect(entries.values[e]).toBe(values[n * features + entries.features[e]]);
          }
        }
        expect(found).toEqual(expected);
        expect(lowest).toBe(expected.length > 0 ? Math.min(...expected.map(rank)) : 0);
      },
    ),
    { numRuns: 300 },
  );
});
