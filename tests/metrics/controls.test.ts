// The controls: they pass on sound kernels, and each way of measuring wrongly makes some of them fail.
import { afterAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import {
  type ControlId,
  controlIds,
  controls,
  requireControls,
} from '../../src/metrics/controls/controls.js';
import { expectedMax } from '../../src/stats/best-cosine.js';
import { type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { fixtureMembers, member } from './fixture.js';
import { trainedMembers } from './trained-fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const [trained] = await trainedMembers();

function random(rows: number, cols: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(3, 'test').fillNormal(out.data);
  return out;
}

test('all controls pass on a sound kernel', async () => {
  const results = await controls(trained, kernel, { seed: 1 });
  expect(results.map((c) => c.id)).toEqual(controlIds);
  expect(results.filter((c) => !c.passed)).toEqual([]);
  const expected = new Map(results.map((c) => [c.id, c.expected]));
  expect(expected.get('decoder.planted-part')).toBeCloseTo(0.25 + 0.75 * expectedMax(64, 256), 12);
  expect(expected.get('encoder.matched.planted-part')).toBe(0.5);
  expect(expected.get('shared.planted-part')).toBe(0.25);
});

test('they hold for many seeds', async () => {
  for (let seed = 0; seed < 6; seed++) {
    const results = await controls(fixtureMembers[1], kernel, { seed });
    expect(results.filter((c) => !c.passed)).toEqual([]);
  }
});

test('those that a member cannot have are left out', async () => {
  const bare = await controls(member('a', random(5, 4)), kernel, { seed: 1 });
  const missing = controlIds.filter((id) => !bare.some((c) => c.id === id));
  // Four dimensions have no subspace of eight.
  expect(missing).toEqual(['activation.self', 'activation.matched.permuted-copy', 'subspace.shuffled-copy']);
  const empty = await controls(member('a', zeros(5, 4)), kernel, { seed: 1 });
  expect(empty.every((c) => c.id.endsWith('planted-part'))).toBe(true);
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
  const failing = async (broken: Partial<Kernel>): Promise<ControlId[]> => {
    const results = await controls(trained, { ...kernel, ...broken }, { seed: 1 });
    return results.filter((c) => !c.passed).map((c) => c.id);
  };

  test('best matches that forget the sign', async () => {
    const failed = await failing({
      bestMatches: async (a, b) => {
        const { aToB, bToA } = await kernel.bestMatches(a, b);
        return { aToB: { ...aToB, abs: aToB.signed }, bToA: { ...bToA, abs: bToA.signed } };
      },
    });
    expect(failed).toEqual([
      'decoder.shuffled-copy',
      'decoder.planted-part',
      'encoder.shuffled-copy',
      'encoder.planted-part',
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
    expect(failed).toEqual(['subspace.shuffled-copy']);
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
        /decoder\.matched\.self failed.*found (0\.9|0\.89).*expected 1 ± 0\.000001/,
      ),
    });
    await expect(requireControls(trained, kernel, { seed: 1 })).resolves.toHaveLength(controlIds.length);
  });
});
