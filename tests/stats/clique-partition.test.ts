// Groups in which every pair fits: by hand, against all partitions, and the bound.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AllowedPairs, cliquePartition } from '../../src/stats/clique-partition.js';

function pairsOf(list: readonly (readonly [number, number, number])[]): AllowedPairs {
  return {
    a: Int32Array.from(list, ([a]) => a),
    b: Int32Array.from(list, ([, b]) => b),
    weight: Float64Array.from(list, ([, , weight]) => weight),
  };
}

test('a chain whose ends do not fit is two groups, and a triangle is one', () => {
  const chain = pairsOf([
    [0, 1, 0.2],
    [1, 2, 0.3],
  ]);
  expect(cliquePartition(Int32Array.of(0, 1, 2), chain)).toEqual({
    groups: [[1, 2]],
    value: 0.3,
    upperBound: 0.3,
    components: 1,
    proven: 1,
  });
  const triangle = pairsOf([
    [0, 1, 0.2],
    [1, 2, 0.3],
    [0, 2, 0.1],
  ]);
  const found = cliquePartition(Int32Array.of(0, 1, 2), triangle);
  expect(found.groups).toEqual([[0, 1, 2]]);
  expect(found.value).toBeCloseTo(0.6, 12);
});

test('the heaviest pair gives way where two others together are worth more', () => {
  // Classes {0}, {1, 2}, {3}: 1 is nearest to 0, but 2 fits both 0 and 3.
  const pairs = pairsOf([
    [0, 1, 0.3],
    [0, 2, 0.25],
    [0, 3, 0.2],
    [2, 3, 0.2],
  ]);
  const found = cliquePartition(Int32Array.of(0, 1, 1, 2), pairs);
  expect(found.groups).toEqual([[0, 2, 3]]);
  expect(found.value).toBeCloseTo(0.65, 12);
  expect(found.proven).toBe(1);
});

/** The best value over all partitions. */
function bestByForce(n: number, list: readonly (readonly [number, number, number])[]): number {
  const weight = new Map(list.flatMap(([a, b, w]) => [[`${a},${b}`, w] as const, [`${b},${a}`, w] as const]));
  let best = 0;
  const groups: number[][] = [];
  const visit = (node: number, value: number): void => {
    if (node === n) {
      best = Math.max(best, value);
      return;
    }
    for (const group of groups) {
      const gains = group.map((other) => weight.get(`${node},${other}`));
      if (gains.includes(undefined)) continue;
      group.push(node);
      visit(node + 1, value + (gains as number[]).reduce((sum, w) => sum + w, 0));
      group.pop();
    }
    groups.push([node]);
    visit(node + 1, value);
    groups.pop();
  };
  visit(0, 0);
  return best;
}

const graph = fc
  .record({ classes: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 }) })
  .chain(({ classes }) => {
    const all = classes.flatMap((c, a) =>
      classes.flatMap((other, b) => (a < b && c !== other ? [[a, b] as const] : [])),
    );
    return fc
      .array(fc.option(fc.integer({ min: 1, max: 1000 })), { minLength: all.length, maxLength: all.length })
      .map((weights) => ({
        classes,
        list: all.flatMap(([a, b], e) => {
          const weight = weights[e];
          return weight === null ? [] : [[a, b, weight / 1000] as const];
        }),
      }));
  });

test('no partition is better, groups fit, and the bound is never below the best', () => {
  fc.assert(
    fc.property(graph, ({ classes, list }) => {
      const found = cliquePartition(Int32Array.from(classes), pairsOf(list));
      const best = bestByForce(classes.length, list);
      expect(found.value).toBeCloseTo(best, 9);
      expect(found.upperBound).toBeCloseTo(best, 9);
      expect(found.proven).toBe(found.components);
      const known = new Set(list.map(([a, b]) => `${a},${b}`));
      for (const group of found.groups) {
        for (const [at, u] of group.entries()) {
          for (const v of group.slice(at + 1)) expect(known).toContain(`${u},${v}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a component that is too large to be proven keeps its bound above what was found', () => {
  // Two classes of 30 in a ring, each fitting its two neighbours: an assignment, of which the best is every second pair.
  const n = 60;
  const list = Array.from({ length: n }, (_, a): [number, number, number] => {
    const b = (a + 1) % n;
    return [Math.min(a, b), Math.max(a, b), a % 2 === 0 ? 0.3 : 0.2];
  });
  const classes = Int32Array.from({ length: n }, (_, a) => a % 2);
  const found = cliquePartition(classes, pairsOf(list));
  expect(found.value).toBeCloseTo(9, 9);
  expect(found.upperBound).toBeCloseTo(9, 9);
  // With weights that fall round the ring the bound is not reached, and it holds.
  const uneven = list.map(([a, b, w], e): [number, number, number] => [a, b, w + e / 1000]);
  const other = cliquePartition(classes, pairsOf(uneven));
  const even = uneven.filter((_, e) => e % 2 === 0).reduce((sum, [, , w]) => sum + w, 0);
  expect(other.value).toBeGreaterThanOrEqual(even - 1e-9);
  expect(other.upperBound).toBeGreaterThanOrEqual(other.value);
});
