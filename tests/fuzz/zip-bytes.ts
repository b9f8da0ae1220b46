// Zip files taken apart and put together again, whether or not what they say is true. Source: PKWARE's APPNOTE 6.3.
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/** A member, with what its headers say of it. */
export interface Member {
  readonly name: Buffer;
  readonly method: number;
  readonly crc: number;
  /** Inflated. */
  readonly size: number;
  /** As they lie in the file. */
  readonly data: Buffer;
  /** Extra field of the header in the central directory. */
  readonly extra: Buffer;
}

/** A number in a zip file. */
export interface Field {
  readonly at: number;
  readonly width: 2 | 4 | 8;
}

const endBytes = 22;

/** The members by the central directory, or nothing where there is none to go by. */
export function parseZip(bytes: Buffer): Member[] | undefined {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + endBytes > bytes.length) return undefined;
  const members: Member[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) return undefined;
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((i) => bytes.readUInt16LE(at + i));
    const local = bytes.readUInt32LE(at + 42);
    if (local + 30 > bytes.length) return undefined;
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    members.push({
      name: bytes.subarray(at + 46, at + 46 + nameBytes),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      size: bytes.readUInt32LE(at + 24),
      data: bytes.subarray(data, data + bytes.readUInt32LE(at + 20)),
      extra: bytes.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes),
    });
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return members;
}

/** What a member inflates to, as far as it does. */
export function contentOf({ data, method }: Member): Buffer {
  if (method !== 8) return data;
  try {
    return inflateRawSync(data, { maxOutputLength: 2 ** 24 });
  } catch {
    return Buffer.alloc(0);
  }
}

/** A sound member. */
export function memberOf(name: Buffer | string, content: Buffer, method: 0 | 8 = 0): Member {
  return {
    name: Buffer.from(name as string),
    method,
    crc: crc32(content),
    size: content.length,
    data: method === 8 ? deflateRawSync(content) : content,
    extra: Buffer.alloc(0),
  };
}

/** The file, and where the numbers of its headers stand. */
export function buildZip(members: readonly Member[]): { bytes: Buffer; fields: Field[] } {
  const parts: Buffer[] = [];
  const fields: Field[] = [];
  let at = 0;
  const put = (part: Buffer, numbers: readonly (readonly [number, 2 | 4])[] = []): void => {
    fields.push(...numbers.map(([offset, width]) => ({ at: at + offset, width })));
    parts.push(part);
    at += part.length;
  };
  const offsets = members.map((member) => {
    const offset = at;
    put(header(0x04034b50, 30, 4, member), [
      [4, 2],
      [6, 2],
      [8, 2],
      [14, 4],
      [18, 4],
      [22, 4],
      [26, 2],
      [28, 2],
    ]);
    put(member.name);
    put(member.data);
    return offset;
  });
  const directory = at;
  members.forEach((member, i) => {
    const central = header(0x02014b50, 46, 6, member);
    central.writeUInt16LE(member.extra.length, 30);
    central.writeUInt32LE(offsets[i], 42);
    put(central, [
      [6, 2],
      [8, 2],
      [10, 2],
      [16, 4],
      [20, 4],
      [24, 4],
      [28, 2],
      [30, 2],
      [32, 2],
      [34, 2],
      [42, 4],
    ]);
    put(member.name);
    put(member.extra);
  });
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(at - directory, 12);
  end.writeUInt32LE(directory, 16);
  put(end, [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ]);
  return { bytes: Buffer.concat(parts), fields };
}

/** What local and central headers have in common, from `from` on. */
function header(signature: number, bytes: number, from: number, member: Member): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUInt32LE(signature, 0);
  out.writeUInt16LE(20, from);
  out.writeUInt16LE(member.method, from + 4);
  out.writeUInt32LE(member.crc >>> 0, from + 10);
  out.writeUInt32LE(member.data.length, from + 14);
  out.writeUInt32LE(member.size, from + 18);
  out.writeUInt16LE(member.name.length, from + 22);
  return out;
}
