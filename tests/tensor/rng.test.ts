// Random numbers from a counter: Philox against published values, streams, moments and permutations.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox, Rng } from '../../src/tensor/rng.js';

describe('philox', () => {
  // Known-answer vectors of Random123 1.14 (kat_vectors, philox4x32 10).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      ['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      ['d16cfe09', '94fdcceb', '5001e420', '24126ea1'],
    ],
  ] as const)('gives the published words for counter %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox([...counter], [...key], out);
    expect(Array.from(out, (w) => w.toString(16).padStart(8, '0'))).toEqual(expected);
  });
});

describe('Rng', () => {
  const draw = (rng: Rng, n: number): number[] => Array.from({ length: n }, () => rng.uint32());

  it('repeats a stream, and tells streams apart by seed and by label', () => {
    expect(draw(new Rng(7, 'a'), 9)).toEqual(draw(new Rng(7, 'a'), 9));
    expect(draw(new Rng(7, 'a'), 9)).not.toEqual(draw(new Rng(8, 'a'), 9));
    expect(draw(new Rng(7, 'a'), 9)).not.toEqual(draw(new Rng(7, 'b'), 9));
    expect(draw(new Rng(2 ** 40, 'a'), 9)).not.toEqual(draw(new Rng(0, 'a'), 9));
  });

  it('draws uniforms and normals with the right moments', () => {
    const rng = new Rng(1, 'moments');
    const n = 40_000;
    const uniforms = Array.from({ length: n }, () => rng.uniform());
    const normals = Array.from({ length: n }, () => rng.normal());
    const moment = (x: number[], p: number): number => x.reduce((s, v) => s + v ** p, 0) / n;
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    expect(moment(uniforms, 1)).toBeCloseTo(1 / 2, 2);
    expect(moment(uniforms, 2)).toBeCloseTo(1 / 3, 2);
    expect(moment(normals, 1)).toBeCloseTo(0, 1);
    expect(moment(normals, 2)).toBeCloseTo(1, 1);
    expect(moment(normals, 4)).toBeGreaterThan(2.8);
    expect(moment(normals, 4)).toBeLessThan(3.2);
  });

  it('permutes: every index once, all orders of three equally often', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (n, seed) => {
        const order = new Rng(seed, 'p').permutation(n);
        return [...order].sort((a, b) => a - b).every((v, i) => v === i);
      }),
    );
    const counts = new Map<string, number>();
    const rng = new Rng(3, 'orders');
    for (let i = 0; i < 6000; i++) {
      const key = rng.permutation(3).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
