// What a zip file holds, once something has read its directory: members that are sound, and each as a source of bytes of its own.
//
// A stored member is a part of the file; a deflated one is inflated as it is read. Nothing is unpacked to disk, but
// names that climb out of a folder are refused all the same: no tool that writes tensors makes them.
// Source: PKWARE's APPNOTE 6.3.10.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { type ByteSource, part } from './byte-source.js';
import { type Crc32, checksummedSource } from './checksummed-source.js';
import { mostInflatedBytes, mostMembers, mostNameLength } from './limits.js';

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

/** An entry of the central directory. */
export interface ZipEntry {
  readonly name: string;
  /** Number of the compression. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  readonly headerAt: number;
}

/** A source of the `size` bytes that `deflated` inflates to. */
export type Inflate = (deflated: ByteSource, size: number) => ByteSource;

/** What reads zip files in one place or another: a directory, and what goes through bytes. */
export interface ZipReading {
  /** How many entries the directory claims. */
  readonly count: number;
  /** Where the directory begins. */
  readonly directoryAt: number;
  readonly entries: AsyncIterable<ZipEntry>;
  readonly inflate: Inflate;
  readonly crc32: Crc32;
}

/**
 * The members of `source`.
 * @throws input.format when a member is encrypted, overlaps another, shares its name, or claims to inflate to far more than the
 * file holds
 */
export async function zipOf(source: ByteSource, reading: ZipReading): Promise<Zip> {
  const entries = await readEntries(source, reading);
  const ends = memberEnds(source, entries, reading.directoryAt);
  const files = entries.filter(({ name }) => !name.endsWith('/'));
  const members = new Map(files.map((member) => [member.name, member]));
  return {
    members,
    async member(name) {
      const member = members.get(name);
      if (member === undefined) throw refused(source, name, 'it is not in the zip file');
      const bytes = await memberBytes(source, member, ends.get(member) ?? reading.directoryAt);
      const read = member.deflated ? reading.inflate(bytes, member.size) : bytes;
      return checksummedSource(read, member.crc32, reading.crc32);
    },
  };
}

async function readEntries(source: ByteSource, { count, entries }: ZipReading): Promise<ZipMember[]> {
  if (count > mostMembers) {
    throw new ReseedError('input.format', 'it has too many members', {
      file: source.name,
      found: `${count}`,
      expected: `at most ${mostMembers}`,
    });
  }
  const members = new Map<string, ZipMember>();
  const most = mostInflatedBytes(source.size);
  let inflated = 0;
  try {
    for await (const entry of entries) {
      const member = checkedMember(source, entry);
      if (members.has(member.name)) throw refused(source, member.name, 'it stands twice in the zip file');
      members.set(member.name, member);
      if (member.deflated) inflated += member.size;
      if (inflated > most) {
        const found = `${inflated} bytes up to this member, in a file of ${source.size}`;
        const expected = `at most ${most}, or members that are stored`;
        throw refused(source, member.name, 'it claims to inflate to far more than there is', found, expected);
      }
    }
  } catch (cause) {
    throw unsoundZip(source, cause, `member number ${members.size + 1}`);
  }
  return [...members.values()];
}

function checkedMember(source: ByteSource, entry: ZipEntry): ZipMember {
  const { name, method, encrypted, size, compressedSize, crc32, headerAt } = entry;
  if (name.length > mostNameLength) {
    const expected = `at most ${mostNameLength} characters`;
    throw refused(source, `${name.slice(0, 80)}…`, 'its name is too long', `${name.length}`, expected);
  }
  if (encrypted) throw refused(source, name, 'it is encrypted');
  if (method !== 0 && method !== 8) {
    const expected = '0 (stored) or 8 (deflated)';
    throw refused(source, name, 'its compression cannot be read', `method ${method}`, expected);
  }
  return { name, size, compressedSize, deflated: method === 8, crc32, headerAt };
}

/** Bytes of a local header without the name and the extra field that follow it. */
const localHeaderBytes = 30;

/** Where each member must have ended: where the next one begins, or the central directory. */
function memberEnds(
  source: ByteSource,
  members: readonly ZipMember[],
  directoryAt: number,
): Map<ZipMember, number> {
  const ordered = [...members].sort((a, b) => a.headerAt - b.headerAt);
  const ends = new Map<ZipMember, number>();
  for (const [i, member] of ordered.entries()) {
    const end = ordered[i + 1]?.headerAt ?? directoryAt;
    checkEnd(source, member, member.headerAt + localHeaderBytes, end);
    ends.set(member, end);
  }
  return ends;
}

function checkEnd(source: ByteSource, member: ZipMember, dataAt: number, end: number): void {
  if (dataAt + member.compressedSize <= end) return;
  const found = `${member.compressedSize} bytes from offset ${dataAt} on`;
  throw refused(source, member.name, 'it overlaps what comes after it', found, `none beyond ${end}`);
}

/** What a local header begins with, as the four bytes of a number. */
const localHeader = 0x04034b50;

/** The bytes of a member as they lie in the file. */
async function memberBytes(source: ByteSource, member: ZipMember, end: number): Promise<ByteSource> {
  const { name, compressedSize, headerAt } = member;
  const head = await source.read(new Uint8Array(localHeaderBytes), headerAt);
  const view = new DataView(head.buffer);
  const signature = view.getUint32(0, true);
  if (signature !== localHeader) {
    const cause = new Error(`invalid local file header signature: 0x${signature.toString(16)}`);
    throw unsoundZip(source, cause, `member ${name}, offset ${headerAt}`);
  }
  const dataAt = headerAt + localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
  checkEnd(source, member, dataAt, end);
  return part(source, dataAt, dataAt + compressedSize, `${source.name}, member ${name}`);
}

/** What a library says that reads the directory, of which file. */
export function unsoundZip(source: ByteSource, cause: unknown, field?: string): ReseedError {
  if (cause instanceof ReseedError) return cause;
  return new ReseedError('input.format', 'it is not a sound zip file', {
    file: source.name,
    ...defined({ field }),
    // It may quote a name of any length.
    found: (cause as Error).message.slice(0, 200),
    cause,
  });
}

function refused(
  source: ByteSource,
  member: string,
  problem: string,
  found?: string,
  expected?: string,
): ReseedError {
  return new ReseedError('input.format', problem, {
    file: source.name,
    field: `member ${member}`,
    ...defined({ found, expected }),
  });
}
