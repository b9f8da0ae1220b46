// Zip files in a browser, which .npz and .pt files are: zip.js reads the directory, and the browser itself inflates.
import { type Entry, Reader, ZipReader } from '@zip.js/zip.js';
import { ReseedError } from '../../../../src/errors.js';
import { type ByteSource, madeWhole } from '../../../../src/formats/byte-source.js';
import { unsoundZip, type Zip, zipOf } from '../../../../src/formats/zip-members.js';
import { crc32 } from './crc32.js';

/** @throws input.format as `zipOf`, or when the directory is not sound; input.file */
export async function readZipHere(source: ByteSource): Promise<Zip> {
  const reader = new ZipReader(new SourceReader(source), { useWebWorkers: false });
  const entries = await reader.getEntries().catch((cause) => {
    throw unsoundZip(source, cause);
  });
  // Where the directory begins is not told: before it, members end where the next begins, and the last within the file.
  return zipOf(source, {
    count: entries.length,
    directoryAt: source.size,
    entries: entriesOf(entries),
    inflate: inflated,
    crc32,
  });
}

async function* entriesOf(entries: readonly Entry[]) {
  for (const entry of entries) {
    yield {
      name: entry.filename,
      method: entry.compressionMethod,
      encrypted: entry.encrypted,
      size: entry.uncompressedSize,
      compressedSize: entry.compressedSize,
      // Encrypted members have none, and are refused.
      crc32: entry.signature ?? 0,
      headerAt: entry.offset,
    };
  }
}

/** What zip.js reads through. */
class SourceReader extends Reader<ByteSource> {
  constructor(readonly source: ByteSource) {
    super(source);
    this.size = source.size;
  }

  override readUint8Array(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.source.read(new Uint8Array(Math.max(0, Math.min(length, this.source.size - at))), at);
  }
}

function inflated(deflated: ByteSource, size: number): ByteSource {
  return madeWhole(deflated.name, size, () => inflateWhole(deflated, size));
}

async function inflateWhole(deflated: ByteSource, size: number): Promise<Uint8Array> {
  const bytes = await deflated.read(new Uint8Array(deflated.size), 0);
  const out = new Uint8Array(size);
  let at = 0;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const chunks = stream.getReader();
    for (let next = await chunks.read(); !next.done; next = await chunks.read()) {
      const { value } = next;
      if (at + value.length > size) {
        throw refused(deflated, 'more bytes come out than were claimed', `more than ${size}`, `${size}`);
      }
      out.set(value, at);
      at += value.length;
    }
  } catch (cause) {
    if (cause instanceof ReseedError) throw cause;
    throw refused(deflated, 'it does not inflate', (cause as Error).message);
  }
  if (at < size) throw refused(deflated, 'fewer bytes come out than were claimed', `${at}`, `${size}`);
  return out;
}

function refused({ name }: ByteSource, problem: string, found: string, expected?: string): ReseedError {
  return new ReseedError('input.format', problem, {
    file: name,
    found,
    ...(expected === undefined ? {} : { expected }),
  });
}
