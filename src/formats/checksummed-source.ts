// Bytes whose checksum is known: whoever reads them from the first to the last, in however many reads, has it checked.
// What is read out of order is not: that would take reading what nobody asked for.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';

/** CRC-32 of bytes that follow those of the value. */
export type Crc32 = (bytes: Uint8Array, value: number) => number;

/** CRC-32 of at most so many bytes at once: the count is a 32-bit one. */
const mostAtOnce = 2 ** 30;

/**
 * @param checksum CRC-32 of all bytes of `source`
 * @throws input.format on reading the last of them, when it is not that
 */
export function checksummedSource(source: ByteSource, checksum: number, crc32: Crc32): ByteSource {
  const { name, size } = source;
  let crc = 0;
  let known = 0;
  return {
    name,
    size,
    async read(out, position) {
      await source.read(out, position);
      const end = position + out.length;
      if (position > known || end <= known) return out;
      for (let at = known - position; at < out.length; at += mostAtOnce) {
        crc = crc32(out.subarray(at, at + mostAtOnce), crc);
      }
      known = end;
      if (known === size && crc !== checksum) {
        const hex = (value: number) => value.toString(16).padStart(8, '0');
        throw new ReseedError('input.format', 'its bytes are damaged', {
          file: name,
          found: `CRC-32 ${hex(crc)}`,
          expected: hex(checksum),
        });
      }
      return out;
    },
  };
}
