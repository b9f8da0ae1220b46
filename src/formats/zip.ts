// Zip files of the system, zip64 included: the central directory is read by yauzl, deflated members are inflated by zlib.
import { crc32 } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import type { ByteSource } from './byte-source.js';
import { inflater } from './inflated-source.js';
import { readAhead } from './read-ahead.js';
import { unsoundZip, type Zip, type ZipEntry, zipOf } from './zip-members.js';

/**
 * Reads the central directory of a zip file. A deflated member is best read forwards: going back inflates it from its beginning again.
 * @throws input.format when it is not sound, or a member is encrypted, overlaps another, shares its name, has a path
 * that is absolute or climbs out, or claims to inflate to far more than the file holds; input.file
 */
export async function readZip(source: ByteSource): Promise<Zip> {
  const nearby = readAhead(source);
  const reader = new SourceReader(nearby);
  const directory = await fromRandomAccessReaderPromise(reader, source.size, { autoClose: false }).catch(
    (cause) => {
      throw unsoundZip(source, cause);
    },
  );
  return zipOf(nearby, {
    count: directory.entryCount,
    // yauzl declares this, its position in the central directory, as a boolean.
    directoryAt: Number(directory.readEntryCursor),
    entries: entriesOf(directory.eachEntry()),
    inflate: inflater(),
    crc32,
  });
}

async function* entriesOf(entries: AsyncIterable<Entry>): AsyncGenerator<ZipEntry> {
  for await (const entry of entries) {
    yield {
      name: entry.fileName,
      method: entry.compressionMethod,
      encrypted: entry.isEncrypted(),
      size: entry.uncompressedSize,
      compressedSize: entry.compressedSize,
      crc32: entry.crc32,
      headerAt: entry.relativeOffsetOfLocalHeader,
    };
  }
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
