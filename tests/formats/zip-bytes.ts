// Zip files byte by byte, sound or not: every field of their records can be set to what it should not be.
import { crc32, deflateRawSync } from 'node:zlib';

export interface MemberBytes {
  readonly name: string;
  /** As it is read; deflated where `method` is 8. */
  readonly content: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  /** What the central directory claims instead of the truth. */
  readonly claim?: {
    readonly size?: number;
    readonly compressedSize?: number;
    readonly crc?: number;
    readonly headerAt?: number;
    readonly name?: string;
  };
  /** Bytes as they lie in the file, instead of those that `content` gives. */
  readonly stored?: Uint8Array;
  /** The extra field of the local header. */
  readonly localExtra?: Uint8Array;
}

/** @param entryCount what the end of the directory claims, where it is not the number of members */
export function zipBytes(members: readonly MemberBytes[], entryCount = members.length): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, content, method = 0, flags = 0, claim = {}, stored, localExtra } of members) {
    const data = stored ?? (method === 8 ? deflateRawSync(content) : content);
    const {
      size = content.length,
      compressedSize = data.length,
      crc = crc32(content),
      headerAt = at,
    } = claim;
    const common = [u16(20), u16(flags), u16(method), u32(0), u32(crc), u32(compressedSize), u32(size)];
    const localName = Buffer.from(name);
    const extra = localExtra ?? new Uint8Array(0);
    const local = [
      u32(0x04034b50),
      ...common,
      u16(localName.length),
      u16(extra.length),
      localName,
      extra,
      data,
    ];
    locals.push(...local);
    const listedName = Buffer.from(claim.name ?? name);
    const tail = [u16(listedName.length), u16(0), u16(0), u16(0), u16(0), u32(0), u32(headerAt), listedName];
    directory.push(u32(0x02014b50), u16(20), ...common, ...tail);
    at += Buffer.concat(local).length;
  }
  const list = Buffer.concat(directory);
  const counts = [u16(0), u16(0), u16(entryCount), u16(entryCount)];
  return Buffer.concat([...locals, list, u32(0x06054b50), ...counts, u32(list.length), u32(at), u16(0)]);
}

function u16(value: number): Uint8Array {
  return Buffer.of(value & 255, value >>> 8);
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
