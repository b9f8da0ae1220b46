// Plain data: what comes back is what went in, to the bit, and equal values are equal bytes however they came about.
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodePlain, encodePlain } from '../../src/formats/plain-data.js';

const bytesOf = (value: unknown) => Buffer.concat(encodePlain(value));

const arrays = fc.oneof(
  fc.float64Array(),
  fc.int32Array(),
  fc.uint8Array(),
  fc.float32Array(),
  fc.bigUint64Array(),
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    arrays,
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'value')), tie('value')),
  ),
}));

it('comes back as it was, and gives the same bytes again', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const bytes = bytesOf(value);
      const back = decodePlain(bytes);
      // What differs by its prototype alone is the same plain data.
      expect(deserialize(serialize(back))).toEqual(deserialize(serialize(value)));
      expect(bytesOf(back).equals(bytes)).toBe(true);
    }),
  );
});

it('knows 0 from -0, NaN, infinities and what is not there', () => {
  const value = { a: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1 / 0], b: undefined, $: { $: 3 } };
  expect(decodePlain(bytesOf(value))).toStrictEqual(value);
  const bits = new Float64Array(new BigUint64Array([0x7ff8000000000123n, 1n, 1n << 63n]).buffer);
  const back = decodePlain(bytesOf(bits)) as Float64Array;
  expect(new BigUint64Array(back.slice().buffer)).toEqual(new BigUint64Array(bits.buffer));
});

it('does not show how numbers were stored, or which arrays were one object', () => {
  const field = (x: number) => ({ x });
  const whole = field(1);
  // From here on V8 keeps the field of such objects as a double.
  field(1.5);
  const numbers = Float64Array.of(1, 2, 3);
  const one = { list: [1, 2, 3], at: whole, same: [numbers, numbers] };
  const other = { list: [1, 2, 3.5].map(Math.floor), at: field(1), same: [numbers, numbers.slice()] };
  expect(serialize(one).equals(serialize(other))).toBe(false);
  expect(bytesOf(one).equals(bytesOf(other))).toBe(true);
  // Shared memory is memory, too.
  const shared = new Float64Array(new SharedArrayBuffer(24));
  shared.set(numbers);
  expect(bytesOf(shared).equals(bytesOf(numbers))).toBe(true);
});

it('lays each array where it can be looked at without a copy', () => {
  const bytes = bytesOf({ name: 'odd', a: Uint8Array.of(1), b: Float64Array.of(2), c: Int32Array.of(3) });
  const aligned = new Uint8Array(new ArrayBuffer(bytes.length));
  aligned.set(bytes);
  const { b, c } = decodePlain(aligned) as { b: Float64Array; c: Int32Array };
  expect([b.buffer, c.buffer]).toEqual([aligned.buffer, aligned.buffer]);
  const shifted = new Uint8Array(new ArrayBuffer(bytes.length + 3), 3);
  shifted.set(bytes);
  expect(decodePlain(shifted)).toEqual(decodePlain(bytes));
});

it('refuses what it would not give back, and bytes of others', () => {
  for (const value of [new Map(), () => 1, Symbol('x'), 1n, new Date(0), { a: new Set() }]) {
    expect(() => encodePlain(value)).toThrow(TypeError);
  }
  const bytes = bytesOf([Float64Array.of(1, 2)]);
  for (let length = 0; length < bytes.length; length += 5) {
    expect(() => decodePlain(bytes.subarray(0, length))).toThrow();
  }
  expect(() => decodePlain(Buffer.from('something else entirely, of some length'))).toThrow(TypeError);
});
