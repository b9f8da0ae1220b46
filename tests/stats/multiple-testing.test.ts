// Benjamini–Hochberg: by hand, against scipy, and what has to hold of any p-values.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benjaminiHochberg } from '../../src/stats/multiple-testing.js';
import { fixture, relative } from '../metrics/nulls/fixture.js';

test('four p-values by hand', () => {
  // Sorted .01 .02 .03 .9, times 4/rank: .04 .04 .04 .9.
  const q = benjaminiHochberg([0.03, 0.01, 0.9, 0.02]);
  [0.04, 0.04, 0.9, 0.04].forEach((expected, i) => {
    expect(q[i]).toBeCloseTo(expected, 14);
  });
  // A later one can be better than its own rank: .05·2/1 = .1, but .06·2/2 = .06.
  expect(Array.from(benjaminiHochberg([0.05, 0.06]))).toEqual([0.06, 0.06]);
  expect(benjaminiHochberg([])).toHaveLength(0);
});

test('tests that are not listed have larger p-values, and make all q-values larger', () => {
  // .01·10/1, .02·10/2, .5·10/3, which is more than 1.
  const q = benjaminiHochberg([0.02, 0.5, 0.01], 10);
  [0.1, 1, 0.1].forEach((expected, i) => {
    expect(q[i]).toBeCloseTo(expected, 14);
  });
  // Never fewer than are listed.
  expect(Array.from(benjaminiHochberg([0.05, 0.06], 1))).toEqual([0.06, 0.06]);
});

test('q-values agree with scipy, also tiny ones', () => {
  for (const { p, q } of fixture.falseDiscovery) {
    const measured = benjaminiHochberg(p);
    q.forEach((expected, i) => {
      expect(relative(measured[i], expected), `p = ${p[i]}`).toBeLessThan(1e-12);
    });
  }
});

test('q-values are no smaller than p, at most 1, in the order of p, and follow their p-value wherever it stands', () => {
  const p = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(p, fc.nat(30), (values, turn) => {
      const q = benjaminiHochberg(values);
      values.forEach((v, i) => {
        // p·m/m can round below p.
        expect(q[i]).toBeGreaterThanOrEqual(v * (1 - 1e-15));
        expect(q[i]).toBeLessThanOrEqual(1);
        values.forEach((w, j) => {
          if (v < w) expect(q[i]).toBeLessThanOrEqual(q[j]);
        });
      });
      const at = turn % values.length;
      const turned = benjaminiHochberg([...values.slice(at), ...values.slice(0, at)]);
      expect([...turned]).toEqual([...q.slice(at), ...q.slice(0, at)]);
    }),
  );
});

test('what is no p-value is refused and named', () => {
  expect(() => benjaminiHochberg([0.5, 1.5])).toThrow(/p\[1\].*1\.5/);
  expect(() => benjaminiHochberg([Number.NaN])).toThrow(
    expect.objectContaining({
      code: 'usage.argument',
      details: { field: 'p[0]', found: 'NaN', expected: '0 … 1' },
    }),
  );
});
