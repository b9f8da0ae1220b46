// Zip files as containers of data: which members there are, and each of them as a source of bytes of its own.
//
// A stored member is a part of the file; a deflated one is inflated as it is read. Nothing is unpacked to disk, but
// names that climb out of a folder are refused all the same: no tool that writes tensors makes them.
// Source: PKWARE's APPNOTE 6.3.10; the central directory is read by yauzl.

import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { type ByteSource, part } from './byte-source.js';
import { checksummedSource } from './checksummed-source.js';
import { inflater } from './inflated-source.js';
import { mostInflatedBytes, mostMembers, mostNameLength } from './limits.js';
import { readAhead } from './read-ahead.js';
import type { Zip, ZipMember } from './zip-members.js';

/**
 * Reads the central directory of a zip file, zip64 included.
 * @throws input.format when it is not sound, or a member is encrypted, overlaps another, shares its name, has a path
 * that is absolute or climbs out, or claims to inflate to far more than the file holds; input.file
 */
export async function readZip(source: ByteSource): Promise<Zip> {
  const nearby = readAhead(source);
  const reader = new SourceReader(nearby);
  const directory = await fromRandomAccessReaderPromise(reader, source.size, { autoClose: false }).catch(
    (cause) => {
      throw unsound(source, cause);
    },
  );
  // yauzl declares this, its position in the central directory, as a boolean.
  const directoryAt = Number(directory.readEntryCursor);
  const entries = await readEntries(source, directory);
  const ends = memberEnds(source, entries, directoryAt);
  const files = entries.filter(({ name }) => !name.endsWith('/'));
  const members = new Map(files.map((member) => [member.name, member]));
  const inflate = inflater();
  return {
    members,
    async member(name) {
      const member = members.get(name);
      if (member === undefined) throw refused(source, name, 'it is not in the zip file');
      const bytes = await memberBytes(nearby, directory, member, ends.get(member) ?? directoryAt);
      return checksummedSource(member.deflated ? inflate(bytes, member.size) : bytes, member.crc32);
    },
  };
}

async function readEntries(source: ByteSource, directory: ZipFile): Promise<ZipMember[]> {
  if (directory.entryCount > mostMembers) {
    throw new ReseedError('input.format', 'it has too many members', {
      file: source.name,
      found: `${directory.entryCount}`,
      expected: `at most ${mostMembers}`,
    });
  }
  const members = new Map<string, ZipMember>();
  const most = mostInflatedBytes(source.size);
  let inflated = 0;
  try {
    for await (const entry of directory.eachEntry()) {
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
    throw unsound(source, cause, `member number ${directory.entriesRead + 1}`);
  }
  return [...members.values()];
}

function checkedMember(source: ByteSource, entry: Entry): ZipMember {
  const { fileName: name, compressionMethod: method, uncompressedSize: size } = entry;
  if (name.length > mostNameLength) {
    const expected = `at most ${mostNameLength} characters`;
    throw refused(source, `${name.slice(0, 80)}…`, 'its name is too long', `${name.length}`, expected);
  }
  if (entry.isEncrypted()) throw refused(source, name, 'it is encrypted');
  if (method !== 0 && method !== 8) {
    const expected = '0 (stored) or 8 (deflated)';
    throw refused(source, name, 'its compression cannot be read', `method ${method}`, expected);
  }
  return {
    name,
    size,
    compressedSize: entry.compressedSize,
    deflated: method === 8,
    crc32: entry.crc32,
    headerAt: entry.relativeOffsetOfLocalHeader,
  };
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

/** The bytes of a member as they lie in the file. */
async function memberBytes(
  source: ByteSource,
  directory: ZipFile,
  member: ZipMember,
  end: number,
): Promise<ByteSource> {
  const { name, compressedSize, headerAt } = member;
  // All that yauzl looks at of an entry here.
  const entry = { relativeOffsetOfLocalHeader: headerAt, compressedSize } as Entry;
  const { fileDataStart } = await directory
    .readLocalFileHeaderPromise(entry, { minimal: true })
    .catch((cause) => {
      throw unsound(source, cause, `member ${name}, offset ${headerAt}`);
    });
  checkEnd(source, member, fileDataStart, end);
  return part(source, fileDataStart, fileDataStart + compressedSize, `${source.name}, member ${name}`);
}

/** What yauzl reads through. */
class SourceReader extends RandomAccessReader {
  readonly source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const out = buffer.subarray(offset, offset + length);
    this.source.read(out, position).then(() => callback(null, length), callback);
  }
}

function unsound(source: ByteSource, cause: unknown, field?: string): ReseedError {
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
