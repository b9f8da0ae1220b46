// NumPy's scalars as a pickle has them: a dtype and the bytes of one value. Source: numpy.core.multiarray.scalar.
import { float16ToNumber } from '../tensor/dtype.js';
import { type Fail, kindOf, NumpyType, type PickleValue } from './pickle-values.js';

type Read = (view: DataView, littleEndian: boolean) => number | bigint | boolean;

const readers: Readonly<Record<string, Read>> = {
  f8: (view, little) => view.getFloat64(0, little),
  f4: (view, little) => view.getFloat32(0, little),
  f2: (view, little) => float16ToNumber(view.getUint16(0, little)),
  i8: (view, little) => narrowed(view.getBigInt64(0, little)),
  i4: (view, little) => view.getInt32(0, little),
  i2: (view, little) => view.getInt16(0, little),
  i1: (view) => view.getInt8(0),
  u8: (view, little) => narrowed(view.getBigUint64(0, little)),
  u4: (view, little) => view.getUint32(0, little),
  u2: (view, little) => view.getUint16(0, little),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
};

/** The value of a scalar. @throws input.format when its type cannot be read or the number of bytes is not its own */
export function numpyScalar([type, bytes]: readonly PickleValue[], fail: Fail): PickleValue {
  const code = type instanceof NumpyType ? type.code : kindOf(type);
  if (!(type instanceof NumpyType) || !Object.hasOwn(readers, code)) {
    throw fail('its NumPy scalar has a type that cannot be read', code, Object.keys(readers).join(', '));
  }
  if (!(bytes instanceof Uint8Array) || bytes.length !== Number(code.slice(1))) {
    const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : kindOf(bytes);
    throw fail('its NumPy scalar has a wrong value', found, `${code.slice(1)} bytes`);
  }
  return readers[code](new DataView(bytes.buffer, bytes.byteOffset, bytes.length), !type.bigEndian);
}

/** A number where it is exact, which a bigint is beyond 2⁵³. */
export function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
