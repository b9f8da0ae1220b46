// Zip files as containers of data: what members there are, and each of them as a source of bytes of its own.
//
// A stored member is a part of the file; a deflated one is inflated as it is read. Nothing is unpacked to disk, but names
// that would climb out of a folder are refused all the same: no tool that writes tensors makes them.
// Source: PKWARE's APPNOTE 6.3; the central directory is read by yauzl.
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { ReseedError } from '../errors.js';
import { type ByteSource, part } from './byte-source.js';
import { inflater } from './inflated-source.js';
import { mostInflatedBytes, mostMembers } from './limits.js';

export interface ZipMember {
  readonly name: string;
  /** In bytes, as it is read. */
  readonly size: number;
  /** In bytes, as it lies in the file. */
  readonly compressedSize: number;
  readonly method: 'stored' | 'deflated';
}

export interface Zip {
  /** By name, in the order of the central directory; folders are left out. */
  readonly members: ReadonlyMap<string, ZipMember>;
  /**
   * The bytes of a member. Those of a deflated one are best read forwards: going back inflates from its beginning again.
   * @throws input.format when there is none of that name, or where it lies is not sound; and, on reading, when it does not
   * inflate to its size
   */
  member(name: string): Promise<ByteSource>;
}

/**
 * Reads the central directory.
 * @throws input.format when it is not a sound zip file, or has members that are encrypted, lie on each other, share a
 * name, climb out of their folder, or claim to inflate to far more than the file holds
 */
export async function readZip(source: ByteSource): Promise<Zip> {
  const reader = new SourceReader(source);
  const zip = await fromRandomAccessReaderPromise(reader, source.size, { autoClose: false }).catch(
    (cause) => {
      throw unsound(source, cause);
    },
  );
  if (zip.entryCount > mostMembers) {
    throw new ReseedError('input.format', 'it has too many members', {
      file: source.name,
      found: `${zip.entryCount}`,
      expected: `at most ${mostMembers}`,
    });
  }
  // yauzl declares its position in the central directory as a boolean.
  const directoryAt = Number(zip.readEntryCursor);
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      checkEntry(source, entry, entries);
      entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    throw cause instanceof ReseedError ? cause : unsound(source, cause, `member ${zip.entriesRead + 1}`);
  }
  const ends = memberEnds(source, [...entries.values()], directoryAt);
  const inflate = inflater();
  const files = [...entries.values()].filter(({ fileName }) => !fileName.endsWith('/'));
  return {
    members: new Map(files.map((entry) => [entry.fileName, describe(entry)])),
    async member(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw refused(source, name, 'it is not in the zip file');
      const bytes = await memberBytes(source, zip, entry, ends.get(entry) ?? directoryAt);
      return entry.compressionMethod === 0 ? bytes : inflate(bytes, entry.uncompressedSize, entry.crc32);
    },
  };
}

function describe(entry: Entry): ZipMember {
  return {
    name: entry.fileName,
    size: entry.uncompressedSize,
    compressedSize: entry.compressedSize,
    method: entry.compressionMethod === 0 ? 'stored' : 'deflated',
  };
}

function checkEntry(source: ByteSource, entry: Entry, seen: ReadonlyMap<string, Entry>): void {
  const { fileName, compressionMethod: method, uncompressedSize } = entry;
  if (seen.has(fileName)) throw refused(source, fileName, 'it stands twice in the zip file');
  if (entry.isEncrypted()) throw refused(source, fileName, 'it is encrypted');
  if (method !== 0 && method !== 8) {
    throw refused(
      source,
      fileName,
      'its compression cannot be read',
      `method ${method}`,
      '0 (stored) or 8 (deflated)',
    );
  }
  const most = mostInflatedBytes(source.size);
  if (method === 8 && uncompressedSize > most) {
    const found = `${uncompressedSize} bytes in a file of ${source.size}`;
    throw refused(
      source,
      fileName,
      'it claims far more than its file holds',
      found,
      `at most ${most}, or stored`,
    );
  }
}

/** Bytes of a local header before the name. */
const localHeaderBytes = 30;

/** Where each member must have ended: the next one begins there, or the central directory. */
function memberEnds(source: ByteSource, entries: readonly Entry[], directoryAt: number): Map<Entry, number> {
  const ordered = [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const ends = new Map<Entry, number>();
  for (const [i, entry] of ordered.entries()) {
    const next = ordered[i + 1];
    const end = next?.relativeOffsetOfLocalHeader ?? directoryAt;
    checkEnd(source, entry, entry.relativeOffsetOfLocalHeader + localHeaderBytes + entry.fileNameLength, end);
    ends.set(entry, end);
  }
  return ends;
}

function checkEnd(source: ByteSource, entry: Entry, dataAt: number, end: number): void {
  if (dataAt + entry.compressedSize <= end) return;
  const found = `${entry.compressedSize} bytes from offset ${dataAt} on`;
  throw refused(
    source,
    entry.fileName,
    'it overlaps what comes after it',
    found,
    `an end at ${end} or before`,
  );
}

/** The bytes of a member as they lie in the file. */
async function memberBytes(source: ByteSource, zip: ZipFile, entry: Entry, end: number): Promise<ByteSource> {
  const { fileName, fileNameRaw, compressedSize } = entry;
  const local = await zip.readLocalFileHeaderPromise(entry).catch((cause) => {
    throw cause instanceof ReseedError ? cause : unsound(source, cause, `member ${fileName}`);
  });
  if (!local.fileName.equals(fileNameRaw)) {
    const found = local.fileName.toString('latin1');
    throw refused(source, fileName, 'it has another name where it lies', found, fileName);
  }
  checkEnd(source, entry, local.fileDataStart, end);
  const name = `${source.name}, member ${fileName}`;
  return part(source, local.fileDataStart, local.fileDataStart + compressedSize, name);
}

/** What yauzl reads through. The small pieces of the central directory come out of one read of many. */
class SourceReader extends RandomAccessReader {
  private block = Buffer.alloc(0);
  private blockAt = 0;

  constructor(private readonly source: ByteSource) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.bytes(position, length).then(
      (bytes) => callback(null, bytes.copy(buffer, offset)),
      (error) => callback(error),
    );
  }

  private async bytes(position: number, length: number): Promise<Buffer> {
    if (position < this.blockAt || position + length > this.blockAt + this.block.length) {
      const ahead = Math.max(length, Math.min(readAhead, this.source.size - position));
      this.block = await this.source.read(Buffer.alloc(ahead), position);
      this.blockAt = position;
    }
    return this.block.subarray(position - this.blockAt, position - this.blockAt + length);
  }
}

const readAhead = 2 ** 16;

function unsound(source: ByteSource, cause: unknown, field?: string): ReseedError {
  if (cause instanceof ReseedError) return cause;
  return new ReseedError('input.format', 'it is not a sound zip file', {
    file: source.name,
    ...(field === undefined ? {} : { field }),
    found: (cause as Error).message,
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
    ...(found === undefined ? {} : { found }),
    ...(expected === undefined ? {} : { expected }),
  });
}
