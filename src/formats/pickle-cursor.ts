// The bytes of a pickle in their order: opcodes and the numbers and texts that follow them, with errors that name the
// byte. Source: Python's pickletools.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { type MemoryBudget, textBytes } from './memory-budget.js';
import type { Fail } from './pickle-values.js';

/** A file, and the pickle within it, for messages. */
export interface PickleName {
  readonly file: string;
  readonly member: string;
}

/** Names of modules and classes are no longer than this. */
export const longestName = 256;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class PickleCursor {
  /** Byte of the opcode that is being read. */
  opcodeAt = 0;
  private at = 0;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: PickleName,
    private readonly budget: MemoryBudget,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  opcode(): number {
    this.opcodeAt = this.at;
    return this.unsigned(1);
  }

  /** The error for the opcode that is being read. */
  readonly fail: Fail = (problem, found, expected) => this.failAt(this.opcodeAt, problem, found, expected);

  failAt(offset: number, problem: string, found?: string, expected?: string): ReseedError {
    return new ReseedError('input.format', problem, {
      file: this.name.file,
      field: `${this.name.member} byte ${offset}`,
      ...defined({ found, expected }),
    });
  }

  /** Takes memory for what the opcode makes. @throws input.format when there is none left */
  take(bytes: number): void {
    this.budget.take(bytes, () => `${this.name.member} byte ${this.opcodeAt}`);
  }

  unsigned(width: 1 | 2 | 4): number {
    const at = this.pass(width);
    if (width === 1) return this.view.getUint8(at);
    return width === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
  }

  int32(): number {
    return this.view.getInt32(this.pass(4), true);
  }

  float64(): number {
    return this.view.getFloat64(this.pass(8), false);
  }

  /** A length of 8 bytes; one beyond 2⁵³ is rounded, and beyond the end in any case. */
  length64(): number {
    return Number(this.view.getBigUint64(this.pass(8), true));
  }

  /** Whole numbers of any width, least byte first, two's complement. */
  bigInteger(): bigint {
    const raw = this.raw(this.unsigned(1));
    this.take(textBytes(raw.length));
    let value = 0n;
    for (let i = raw.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]);
    return BigInt.asIntN(8 * raw.length, value);
  }

  raw(length: number): Uint8Array {
    const begin = this.pass(length);
    return this.bytes.subarray(begin, begin + length);
  }

  text(length: number): string {
    const raw = this.raw(length);
    this.take(textBytes(length));
    try {
      return utf8.decode(raw);
    } catch {
      throw this.fail('its text is not UTF-8');
    }
  }

  /** Text up to the end of a line. */
  line(): string {
    const end = this.bytes.subarray(this.at, this.at + longestName + 1).indexOf(0x0a);
    if (end < 0) throw this.fail('it names something too long', undefined, `at most ${longestName} bytes`);
    const line = this.text(end);
    this.at++;
    return line;
  }

  /** Goes on by so many bytes, and gives the place where they begin. */
  private pass(length: number): number {
    if (length > this.left) throw this.fail('it ends too early', `${this.left} bytes`, `${length} more`);
    const begin = this.at;
    this.at += length;
    return begin;
  }
}
