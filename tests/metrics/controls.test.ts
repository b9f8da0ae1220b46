// The controls: they pass on sound kernels, and each way of measuring wrongly makes some of them fail.
import { afterAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import {
  type Control,
  controlCases,
  controls,
  requireControls,
} from '../../src/metrics/controls/controls.js';
import { metricOf, metrics } from '../../src/metrics/registry.js';
import { firingOf } from '../../src/sae/member.js';
import { expectedMax } from '../../src/stats/best-cosine.js';
import { type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { takeCodeRows } from '../../src/tensor/sparse-codes.js';
import { fixtureMembers, member } from './fixture.js';
import { trainedMembers } from './trained-fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const name = (c: Control) => `${c.metric}/${c.case}`;

const [trained] = await trainedMembers();

function random(rows: number, cols: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(3, 'test').fillNormal(out.data);
  return out;
}

test('all controls pass on a sound kernel, and every metric has one but those of which no score is known', async () => {
  const results = await controls(trained, kernel, { seed: 1 });
  expect(results.filter((c) => !c.passed)).toEqual([]);
  const covered = new Set(results.map((c) => c.metric));
  // The trained fixture has too few dimensions for the largest subspace.
  const open = metrics.filter(({ id }) => !covered.has(id)).map(({ id }) => id);
  expect(open).toEqual(['shared.lenient', 'activation.max', 'subspace.64', 'displacement.max']);
  expect(metricOf('subspace.64').control).toBeDefined();
  const expected = new Map(results.map((c) => [name(c), c.expected]));
  expect(expected.get('decoder.max/planted')).toBeCloseTo(0.25 + 0.75 * expectedMax(64, 256), 12);
  expect(expected.get('encoder.matched/planted')).toBe(0.5);
  expect(expected.get('shared/planted')).toBe(0.25);
  expect([...expected].filter(([of]) => !of.endsWith('planted')).every(([, one]) => one === 1)).toBe(true);
});

test('the cases, in the order in which they are told', () => {
  expect(controlCases).toEqual(['self', 'copy', 'planted']);
});

test('they hold for many seeds', async () => {
  for (let seed = 0; seed < 6; seed++) {
    const results = await controls(fixtureMembers[1], kernel, { seed });
    expect(results.filter((c) => !c.passed)).toEqual([]);
  }
});

test('a feature that fires on none of the rows that are kept does not count for one side alone', async () => {
  // On three rows only a few features fire; on all rows, all that fired in training.
  const codes = takeCodeRows(trained.codes!, [0, 1, 2]);
  const silent = { ...trained, codes, firing: firingOf(trained)! };
  const results = await controls(silent, kernel, { seed: 1 });
  expect(results.filter((c) => !c.passed)).toEqual([]);
});

test('those that a member cannot have are left out', async () => {
  const bare = await controls(member('a', random(5, 4)), kernel, { seed: 1 });
  // Four dimensions have no subspace of eight.
  expect(bare.some((c) => /^(activation|subspace)/.test(c.metric))).toBe(false);
  expect(bare.filter((c) => c.metric === 'decoder.max').map((c) => c.case)).toEqual([
    'self',
    'copy',
    'planted',
  ]);
  const empty = await controls(member('a', zeros(5, 4)), kernel, { seed: 1 });
  expect(empty.length).toBeGreaterThan(4);
  expect(empty.every((c) => c.case === 'planted')).toBe(true);
});

test('of a large SAE some features are enough', async () => {
  const seen: number[] = [];
  const watching: Kernel = {
    ...kernel,
    assign: (a, b, options) => {
      seen.push(a.rows);
      return kernel.assign(a, b, options);
    },
  };
  const results = await controls(member('large', random(1500, 8)), watching, { seed: 1 });
  expect(Math.max(...seen)).toBe(512);
  expect(results.every((c) => c.passed)).toBe(true);
});

describe('a kernel that measures wrongly fails', () => {
  const failing = async (broken: Partial<Kernel>): Promise<string[]> => {
    const results = await controls(trained, { ...kernel, ...broken }, { seed: 1 });
    return results.filter((c) => !c.passed).map(name);
  };

  test('best matches that forget the sign', async () => {
    const failed = await failing({
      bestMatches: async (a, b) => {
        const { aToB, bToA } = await kernel.bestMatches(a, b);
        return { aToB: { ...aToB, abs: aToB.signed }, bToA: { ...bToA, abs: bToA.signed } };
      },
    });
    expect(failed).toEqual([
      'decoder.max/copy',
      'decoder.max/planted',
      'decoder.max.live/copy',
      'encoder.max/copy',
      'encoder.max/planted',
    ]);
  });

  test('an assignment with a wrong value', async () => {
    const failed = await failing({
      assign: async (a, b, options) => {
        const right = await kernel.assign(a, b, options);
        return { ...right, value: right.value.map((v, i) => (i === 0 ? 0.5 * v : v)) };
      },
    });
    expect(failed.length).toBeGreaterThan(5);
    expect(failed.every((id) => /matched|shared/.test(id))).toBe(true);
  });

  test('a subspace that is not the leading one', async () => {
    let call = 0;
    const failed = await failing({
      topSubspace: async (m, r, options) => {
        const right = await kernel.topSubspace(m, r, options);
        return call++ % 2 === 0 ? right : { ...right, vectors: right.vectors.toReversed() };
      },
    });
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((one) => one.startsWith('subspace.'))).toBe(true);
  });

  test('and the run with it', async () => {
    const broken: Kernel = {
      ...kernel,
      assign: async (a, b, options) => {
        const right = await kernel.assign(a, b, options);
        return { ...right, value: right.value.map(() => 0.9) };
      },
    };
    await expect(requireControls(trained, broken, { seed: 1 })).rejects.toMatchObject({
      code: 'internal.control',
      message: expect.stringMatching(
        /"self" of decoder\.matched failed.*found (0\.9|0\.89).*expected 1 ± 0\.000001/,
      ),
    });
    const all = await controls(trained, kernel, { seed: 1 });
    await expect(requireControls(trained, kernel, { seed: 1 })).resolves.toEqual(all);
  });
});
