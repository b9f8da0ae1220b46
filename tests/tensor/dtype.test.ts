// Half-width floats: known bit patterns, and every float16 put back into its bits.
import { describe, expect, it } from 'vitest';
import { float16ToNumber, narrowToFloat16, widenBfloat16, widenFloat16 } from '../../src/tensor/dtype.js';

describe('float16', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc100, -2.5],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x03ff, 1023 * 2 ** -24],
    [0x0001, 2 ** -24],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e01, Number.NaN],
  ])('%i', (bits, value) => {
    expect(float16ToNumber(bits)).toBe(value);
  });

  it('grows by its spacing from each pattern to the next', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const exponent = Math.max(1, bits >>> 10);
      const value = float16ToNumber(bits);
      const spacing = float16ToNumber(bits + 1) - value;
      if (spacing !== 2 ** (exponent - 25) || float16ToNumber(bits | 0x8000) !== -value) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });
});

describe('the nearest float16', () => {
  const nearest = (...values: number[]) => [...narrowToFloat16(Float32Array.from(values))];

  it('of every float16 is itself', () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0,
    );
    expect([...narrowToFloat16(Float32Array.from(all, float16ToNumber))]).toEqual([...all]);
  });

  it('of what lies between two is the nearer one, and of the middle the even one', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [float16ToNumber(bits), float16ToNumber(bits + 1)];
      const at = (share: number) => low + share * (high - low);
      const found = nearest(at(0.499), at(0.5), at(0.501), -at(0.499));
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (found.join() !== [bits, even, bits + 1, bits | 0x8000].join()) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('of what is too large is infinite, and of NaN NaN', () => {
    expect(nearest(65519, 65520, -1e30, Number.POSITIVE_INFINITY)).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00]);
    expect(nearest(Number.NaN).map(float16ToNumber)).toEqual([Number.NaN]);
  });
});

it('float16 are widened one by one, into part of an array', () => {
  const bits = Uint16Array.of(0x3c00, 0xc100, 0x8000, 0x7c00, 0x7e01, 0x0001);
  const out = new Float32Array(8).subarray(1, 7);
  widenFloat16(bits, out);
  expect([...out]).toEqual([...bits].map(float16ToNumber));
});

it('bfloat16 are widened one by one, into part of an array', () => {
  const bits = Uint16Array.of(0x3f80, 0xc020, 0x0001, 0x8000, 0x7f80, 0x7fc0);
  const out = new Float32Array(8).subarray(1, 7);
  widenBfloat16(bits, out);
  expect([...out]).toEqual([1, -2.5, 2 ** -133, -0, Number.POSITIVE_INFINITY, Number.NaN]);
});
