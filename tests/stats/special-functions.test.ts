// Incomplete beta, Student's t and quadrature against scipy and cases known by hand.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteBeta } from '../../src/stats/incomplete-beta.js';
import { logBeta, logGamma, stirlingRest } from '../../src/stats/log-beta.js';
import { integrate } from '../../src/stats/quadrature.js';
import { studentTQuantile } from '../../src/stats/student-t.js';
import { fixture } from '../metrics/fixture.js';

const relative = (measured: number, expected: number) => Math.abs(measured / expected - 1);

test('the incomplete beta function agrees with scipy', () => {
  for (const { x, a, b, value } of fixture.incompleteBeta) {
    expect(relative(incompleteBeta(x, a, b), value), `I_${x}(${a}, ${b})`).toBeLessThan(1e-11);
  }
});

test('the incomplete beta function in cases with a formula', () => {
  expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 14);
  expect(incompleteBeta(0.25, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(0.5), 14);
  expect(incompleteBeta(0.4, 3, 1)).toBeCloseTo(0.064, 14);
  for (const [a, b] of [
    [2, 3],
    [0.5, 0.5],
    [30, 40],
    [0.5, 5000],
  ])
    expect([incompleteBeta(0, a, b), incompleteBeta(1, a, b)]).toEqual([0, 1]);
});

test.each([
  [-0.1, 2, 3],
  [1.1, 2, 3],
  [0.5, 0, 3],
  [0.5, 2, 0],
  [Number.NaN, 2, 3],
])('the incomplete beta function of %d, %d, %d is refused', (x, a, b) => {
  const refused = expect.objectContaining({
    code: 'usage.argument',
    details: expect.objectContaining({
      found: `x = ${x}, a = ${a}, b = ${b}`,
      expected: '0 ≤ x ≤ 1, a > 0, b > 0',
    }),
  });
  expect(() => incompleteBeta(x, a, b)).toThrow(refused);
});

test.each([
  [0.4, 2000, 3000, 0.5007677879455907],
  [0.39, 2000, 3000, 0.07415054971129832],
  [0.42, 2000, 3000, 0.9979723323959719],
  [0.5, 500, 520, 0.7345065771511532],
  [0.001, 12, 9000, 0.1979633452170913],
  [0.3, 10, 10, 0.03255335688130095],
  [0.45, 11, 13, 0.4722092887318881],
  [0.2, 5, 9, 0.09913060966400002],
])('the incomplete beta function to 13 digits: I_%d(%d, %d)', (x, a, b, value) => {
  // mpmath 1.3: betainc(a, b, 0, x, regularized=True) with 40 digits.
  expect(relative(incompleteBeta(x, a, b), value)).toBeLessThan(2e-14);
});

test('the incomplete beta function has 12 digits where the second parameter is ½ or large', () => {
  // For a = 1: 1 − (1 − x)^b, whatever the size of b.
  for (const b of [0.5, 3, 9.9, 10.1, 63.5, 1000, 5000]) {
    for (const x of [1e-6, 1e-4, 0.01, 0.2]) {
      const value = -Math.expm1(b * Math.log1p(-x));
      expect(relative(incompleteBeta(x, 1, b), value), `x = ${x}, b = ${b}`).toBeLessThan(1e-12);
    }
  }
});

test('the incomplete beta function rises in x and mirrors', () => {
  const parameter = fc.double({ min: 0.5, max: 500, noNaN: true });
  const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(inside, inside, parameter, parameter, (x, y, a, b) => {
      expect(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a)).toBeCloseTo(1, 11);
      const [low, high] = [Math.min(x, y), Math.max(x, y)];
      expect(incompleteBeta(low, a, b)).toBeLessThanOrEqual(incompleteBeta(high, a, b) + 1e-13);
    }),
  );
});

test('log gamma and log beta of whole numbers', () => {
  expect(logGamma(1)).toBeCloseTo(0, 14);
  expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 14);
  expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
  expect(logBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 14);
  // B(1, b) = 1/b on both sides of the switch to the asymptotic form.
  for (const b of [9.99, 10.01, 5000]) expect(logBeta(1, b)).toBeCloseTo(-Math.log(b), 13);
});

test('what Stirling’s formula leaves over, and log beta where both arguments are large', () => {
  // ln (n − 1)! − (n − ½)·ln n + n − ½·ln 2π, and ln of (a − 1)!·(b − 1)!/(a + b − 1)!, both to 50 digits before they are rounded.
  expect(relative(stirlingRest(10), 0.00833056343336287)).toBeLessThan(1e-14);
  expect(relative(stirlingRest(12), 0.00694284010720953)).toBeLessThan(2e-15);
  expect(relative(stirlingRest(40), 0.0020832899383024218)).toBeLessThan(1e-15);
  expect(relative(logBeta(10, 10), -13.736229227036555)).toBeLessThan(1e-15);
  expect(relative(logBeta(11, 13), -16.51504849902697)).toBeLessThan(1e-15);
  expect(relative(logBeta(200, 12), -46.40135103607346)).toBeLessThan(1e-15);
  expect(relative(logBeta(40, 1000), -170.44837901635003)).toBeLessThan(1e-15);
});

test.each([
  [1e6, 1e6, -1386300.003362921],
  [1e9, 1e9, -1386294370.2160115],
  [1e12, 1e12, -1386294361132.4407],
  [3e7, 1e12, -342429852.9739641],
])('log beta of large arguments loses nothing to the terms that cancel: %d, %d', (a, b, value) => {
  // mpmath 1.3, with 50 digits.
  expect(relative(logBeta(a, b), value)).toBeLessThan(4e-16);
  expect(logBeta(b, a)).toBe(logBeta(a, b));
});

test('Student’s t quantiles agree with scipy', () => {
  for (const { p, degrees, value } of fixture.studentT) {
    expect(relative(studentTQuantile(p, degrees), value), `t_${degrees}(${p})`).toBeLessThan(1e-10);
  }
  expect(studentTQuantile(0.75, 1)).toBeCloseTo(1, 12);
  expect(studentTQuantile(0.5, 7)).toBeCloseTo(0, 12);
  expect(() => studentTQuantile(1, 3)).toThrow(/0 < p < 1/);
});

test('Student’s t quantiles with a formula: one and two degrees of freedom', () => {
  for (const p of [0.001, 0.3, 0.45, 0.5, 0.51, 0.6, 0.9, 0.999]) {
    expect(studentTQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 8);
    expect(studentTQuantile(p, 2)).toBeCloseTo((2 * p - 1) * Math.sqrt(1 / (2 * p * (1 - p))), 9);
  }
});

test.each([
  [0, 3],
  [1, 3],
  [-0.2, 3],
  [Number.NaN, 3],
  [0.7, 0],
  [0.7, -1],
])('a quantile of Student’s t that there is not is refused: %d, %d', (p, degrees) => {
  const refused = expect.objectContaining({
    code: 'usage.argument',
    details: {
      found: `p = ${p}, degrees of freedom = ${degrees}`,
      expected: '0 < p < 1, degrees of freedom > 0',
    },
  });
  expect(() => studentTQuantile(p, degrees)).toThrow(refused);
});

test('quadrature of powers up to the fifth is exact in every panel, over any range', () => {
  // Simpson's rule with Richardson's correction is Boole's rule; nothing is divided where any error will do.
  for (const [low, high] of [
    [0, 64],
    [-24, 40],
    [8, 40],
  ])
    for (const power of [0, 1, 2, 3, 4, 5]) {
      const exact = (high ** (power + 1) - low ** (power + 1)) / (power + 1);
      const found = integrate((x) => x ** power, low, high, Number.POSITIVE_INFINITY);
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(1e-14 * 64 ** (power + 1));
    }
});

test('quadrature asks for nothing outside of the range', () => {
  const asked: number[] = [];
  integrate((x) => asked.push(x), 8, 40, Number.POSITIVE_INFINITY);
  expect([Math.min(...asked), Math.max(...asked)]).toEqual([8, 40]);
});

test('quadrature divides where the error is too large alone, and not without end at a jump', () => {
  let asked = 0;
  const counted = (f: (x: number) => number) => (x: number) => {
    asked++;
    return f(x);
  };
  // Three points and two more of each of 64 panels.
  expect(
    integrate(
      counted((x) => 3 * x),
      0,
      2,
      1e-9,
    ),
  ).toBeCloseTo(6, 12);
  expect(asked).toBe(64 * 5);
  asked = 0;
  // At the jump one of two halves is divided, forty times; a tolerance of 0 is met where there is no error.
  expect(
    integrate(
      counted((x) => (x < 0.3 ? 1 : 0)),
      0,
      1,
      0,
    ),
  ).toBeCloseTo(0.3, 12);
  expect(asked).toBe(64 * 5 + 40 * 4);
});

test('quadrature of a smooth function and of one with a narrow step', () => {
  expect(integrate(Math.sin, 0, Math.PI, 1e-10)).toBeCloseTo(2, 10);
  expect(integrate((x) => 1 / (1 + Math.exp((x - 0.3) * 2000)), 0, 1, 1e-10)).toBeCloseTo(0.3, 9);
});
