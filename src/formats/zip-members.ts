// What a zip file holds, as those see it who read tensors from its members.
import type { ByteSource } from './byte-source.js';

export interface ZipMember {
  readonly name: string;
  /** In bytes, as it is read. */
  readonly size: number;
  /** In bytes, as it lies in the file. */
  readonly compressedSize: number;
  readonly deflated: boolean;
  /** CRC-32 of what is read. */
  readonly crc32: number;
  /** Offset of its local header. */
  readonly headerAt: number;
}

export interface Zip {
  /** By name, in the order of the central directory; folders are left out. */
  readonly members: ReadonlyMap<string, ZipMember>;
  /**
   * The bytes of a member. A deflated one is best read forwards: going back inflates it from its beginning again.
   * @throws input.format when there is none of that name, or where it lies is not sound; and, on reading, when it does
   * not inflate to its size, or was read whole and is damaged
   */
  member(name: string): Promise<ByteSource>;
}
