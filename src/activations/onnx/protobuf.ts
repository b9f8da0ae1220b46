// Protocol Buffers as far as a model file needs them: the fields of a message, found without being copied, and written again.
//
// A message is a list of fields, each a tag (number · 8 + wire type) and a value: a varint (0), 8 bytes (1), bytes with their
// length before them (2: texts, messages, packed lists) or 4 bytes (5). What is not understood is passed on as it is.
// Source: the encoding page of the Protocol Buffers documentation.
import { ReseedError } from '../../errors.js';

export interface Field {
  readonly number: number;
  /** 0, 1, 2 or 5. */
  readonly wire: number;
  /** Of a varint; 0 else. */
  readonly value: number;
  /** The bytes of the value. */
  readonly bytes: Uint8Array;
  /** With the tag and the length before it. */
  readonly whole: Uint8Array;
}

/** The fields of a message, in their order. @param file for messages @throws input.format where it is none */
export function fieldsOf(message: Uint8Array, file: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const begin = at;
    const tag = varint(message, at, file);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    at = tag.end;
    let value = 0;
    let end = at;
    if (wire === 0) ({ value, end } = varint(message, at, file));
    else if (wire === 1) end = at + 8;
    else if (wire === 5) end = at + 4;
    else if (wire === 2) {
      const length = varint(message, at, file);
      at = length.end;
      end = at + length.value;
    } else throw broken(file, `wire type ${wire}`);
    if (end > message.length || number === 0) throw broken(file, `a field ${number} beyond its end`);
    fields.push({
      number,
      wire,
      value,
      bytes: message.subarray(at, end),
      whole: message.subarray(begin, end),
    });
    at = end;
  }
  return fields;
}

/** Of 64 bits, signed; what does not fit a double loses its last bits. */
function varint(bytes: Uint8Array, at: number, file: string): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    // Seven bytes hold 49 bits, which a double adds up exactly.
    if (i < 7) value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value: i < 7 ? value : wide(bytes.subarray(at, at + i + 1)), end: at + i + 1 };
  }
  throw broken(file, 'a number that does not end');
}

function wide(bytes: Uint8Array): number {
  const sum = bytes.reduceRight((all, byte) => (all << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, sum));
}

function broken(file: string, found: string): ReseedError {
  return new ReseedError('input.format', 'it is not an ONNX model', {
    file,
    found,
    expected: 'a message of Protocol Buffers',
  });
}

export function textOf({ bytes }: Field): string {
  return new TextDecoder().decode(bytes);
}

/** The bytes of a field of wire type 2, the value in pieces. */
export function encodeField(number: number, ...pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return concatenated([encodeVarint(number * 8 + 2), encodeVarint(length), ...pieces]);
}

export function encodeText(number: number, text: string): Uint8Array {
  return encodeField(number, new TextEncoder().encode(text));
}

function encodeVarint(value: number): Uint8Array {
  const out: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) out.push((left % 128) | 0x80);
  out.push(left);
  return Uint8Array.from(out);
}

export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
