// Bytes that are read by their position, wherever they are; nothing is held until it is read.
import { ReseedError } from '../errors.js';

export interface ByteSource {
  /** For messages: a path, or a path and what is meant within it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Fills `out` from byte `position` on.
   * @throws input.format when that goes beyond the end; input.file when the system cannot read
   */
  read<T extends Uint8Array>(out: T, position: number): Promise<T>;
}

/** Bytes that are in memory already. */
export function memorySource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(out, position) {
      requireWithin(this, out.length, position);
      out.set(bytes.subarray(position, position + out.length));
      return out;
    },
  };
}

/**
 * Bytes `begin … end` of a source as one of their own.
 * @throws input.format when they are not within it
 */
export function part(source: ByteSource, begin: number, end: number, name = source.name): ByteSource {
  requireWithin({ name, size: source.size }, end - begin, begin);
  const size = end - begin;
  return {
    name,
    size,
    async read(out, position) {
      requireWithin(this, out.length, position);
      return source.read(out, begin + position);
    },
  };
}

/** @throws input.format when a source has no such bytes */
export function requireWithin(
  { name, size }: Pick<ByteSource, 'name' | 'size'>,
  length: number,
  position: number,
): void {
  if (position >= 0 && length >= 0 && position + length <= size) return;
  throw new ReseedError('input.format', 'it ends too early', {
    file: name,
    found: `${size} bytes`,
    expected: `${length} bytes at offset ${position}`,
  });
}

/** Bytes that are made whole when some of them are first read, and held. @param make all of them, as many as `size` */
export function madeWhole(name: string, size: number, make: () => Promise<Uint8Array>): ByteSource {
  let whole: Promise<Uint8Array> | undefined;
  return {
    name,
    size,
    async read(out, position) {
      requireWithin(this, out.length, position);
      whole ??= make();
      out.set((await whole).subarray(position, position + out.length));
      return out;
    },
  };
}
