// Plain data as bytes: numbers exact to the bit, texts, typed arrays, lists and objects. Equal values give equal bytes.
//
// V8's own serialisation does not: how a number was stored before, and which arrays happened to be one object, show in its bytes.
// Here a line names the layout and the length of a JSON text, which follows, padded to 8 bytes; behind it lie the typed arrays, each
// padded likewise, equal ones once. In the text {"$": …} stands for what JSON has no word for: the array with that number, or a value.

/** Changes with what the bytes look like. */
const layout = 'reseed plain 1';

/** All of the first line, so that what follows is aligned. */
const lineBytes = 32;

const kinds = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type Kind = keyof typeof kinds;
type TypedArray = InstanceType<(typeof kinds)[Kind]>;

/** What JSON would change or leave out. */
const odd: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['undefined', undefined],
]);

/** An array among the others. */
interface Place {
  readonly kind: Kind;
  /** Values. */
  readonly length: number;
}

/** Pieces of the bytes, in order. @throws TypeError for what is not plain data, as functions, maps and classes of one's own */
export function encodePlain(value: unknown): Uint8Array[] {
  const arrays = new Arrays();
  const text = JSON.stringify({ value: toJson(value, arrays), arrays: arrays.places });
  const json = padded(new TextEncoder().encode(text), 0x20);
  const line = new Uint8Array(lineBytes).fill(0x20);
  line.set(new TextEncoder().encode(`${layout} ${json.reduce((sum, { length }) => sum + length, 0)}`));
  line[lineBytes - 1] = 0x0a;
  return [line, ...json, ...arrays.bytes.flatMap((bytes) => padded(bytes, 0))];
}

/** Arrays are views of these bytes where those are aligned. @throws for bytes that `encodePlain` has not written */
export function decodePlain(bytes: Uint8Array): unknown {
  const line = new TextDecoder().decode(bytes.subarray(0, lineBytes));
  const length = line.startsWith(`${layout} `) ? Number(line.slice(layout.length)) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw new TypeError('not plain data of this layout');
  let at = lineBytes + length;
  const { value, arrays } = JSON.parse(new TextDecoder().decode(bytes.subarray(lineBytes, at))) as {
    value: unknown;
    arrays: readonly Place[];
  };
  const read = arrays.map(({ kind, length: count }) => {
    const own = kinds[kind];
    const size = count * own.BYTES_PER_ELEMENT;
    if (at + size > bytes.length) throw new TypeError('plain data that was cut off');
    const from = bytes.byteOffset + at;
    at += paddedTo8(size);
    return from % own.BYTES_PER_ELEMENT === 0
      ? new own(bytes.buffer as ArrayBuffer, from, count)
      : new own(bytes.slice(from - bytes.byteOffset, from - bytes.byteOffset + size).buffer as ArrayBuffer);
  });
  return fromJson(value, read);
}

/** The typed arrays of a value, equal ones once. */
class Arrays {
  readonly places: Place[] = [];
  readonly bytes: Uint8Array[] = [];
  readonly #numbers = new Map<object, number>();
  /** By kind and length: the numbers of those that may be equal. */
  readonly #alike = new Map<string, number[]>();

  numberOf(array: TypedArray): number {
    const known = this.#numbers.get(array);
    if (known !== undefined) return known;
    const kind = array.constructor.name as Kind;
    if (!(kind in kinds)) throw new TypeError(`${kind} is no plain data`);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const name = `${kind} ${array.length}`;
    const alike = this.#alike.get(name) ?? [];
    this.#alike.set(name, alike);
    let number = alike.find((one) => Buffer.compare(this.bytes[one], bytes) === 0);
    if (number === undefined) {
      number = this.places.push({ kind, length: array.length }) - 1;
      this.bytes.push(bytes);
      alike.push(number);
    }
    this.#numbers.set(array, number);
    return number;
  }
}

function toJson(value: unknown, arrays: Arrays): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: oddName(value) };
    case 'undefined':
      return { $: 'undefined' };
    case 'object':
      break;
    default:
      throw new TypeError(`a ${typeof value} is no plain data`);
  }
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) return { $: arrays.numberOf(value as TypedArray) };
  if (Array.isArray(value)) return Array.from(value, (one) => toJson(one, arrays));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`an object of ${value.constructor?.name} is no plain data`);
  }
  const own = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one, arrays)]));
  // An object that has a $ of its own is put into a list, which nothing else that is marked is.
  return Object.hasOwn(own, '$') ? { $: [own] } : own;
}

function oddName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function fromJson(value: unknown, arrays: readonly TypedArray[]): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one) => fromJson(one, arrays));
  const { $: marked } = value as { $?: unknown };
  if (typeof marked === 'number') return arrays[marked];
  if (typeof marked === 'string') return odd.get(marked);
  const own = Array.isArray(marked) ? (marked[0] as object) : value;
  return Object.fromEntries(Object.entries(own).map(([key, one]) => [key, fromJson(one, arrays)]));
}

function padded(bytes: Uint8Array, filling: number): Uint8Array[] {
  const missing = paddedTo8(bytes.length) - bytes.length;
  return missing === 0 ? [bytes] : [bytes, new Uint8Array(missing).fill(filling)];
}

function paddedTo8(bytes: number): number {
  return 8 * Math.ceil(bytes / 8);
}
