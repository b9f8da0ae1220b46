// Deflated bytes as sources of what they inflate to: inflated as they are read, forwards, with little of them held.
//
// Going back inflates from the beginning again. Whoever reads to the end has it checked that neither more nor fewer
// bytes come out than were claimed. Source: RFC 1951 (raw deflate).
import { pipeline, Readable } from 'node:stream';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { ReseedError } from '../errors.js';
import { type ByteSource, madeWhole, requireWithin } from './byte-source.js';
import { inTurn } from './in-turn.js';
import type { Inflate } from './zip-members.js';

/** Up to so many bytes, deflated and inflated, are inflated at once and kept: a stream of its own costs far more. */
const smallBytes = 2 ** 16;

/**
 * Makes sources that share one stream: at any time one of them is being inflated, however many there are.
 * Their `read` throws input.format when the bytes do not inflate, or to more or fewer than were claimed.
 */
export function inflater(): Inflate {
  let current: Inflation | undefined;
  const turn = inTurn();
  async function readAt(
    deflated: ByteSource,
    size: number,
    out: Uint8Array,
    position: number,
  ): Promise<void> {
    if (current?.deflated !== deflated || current.position > position) {
      current?.stop();
      current = new Inflation(deflated);
    }
    try {
      await current.skip(position - current.position);
      await current.fill(out);
      if (current.position === size) await current.finish(size);
    } catch (cause) {
      current.stop();
      current = undefined;
      throw notInflated(deflated, cause);
    }
  }
  return (deflated, size) => {
    if (Math.max(size, deflated.size) <= smallBytes) return smallSource(deflated, size);
    return {
      name: deflated.name,
      size,
      async read(out, position) {
        requireWithin(this, out.length, position);
        await turn(() => readAt(deflated, size, out, position));
        return out;
      },
    };
  };
}

function smallSource(deflated: ByteSource, size: number): ByteSource {
  return madeWhole(deflated.name, size, () => inflateAtOnce(deflated, size));
}

async function inflateAtOnce(deflated: ByteSource, size: number): Promise<Uint8Array> {
  const bytes = await deflated.read(new Uint8Array(deflated.size), 0);
  let inflated: Uint8Array;
  try {
    inflated = inflateRawSync(bytes, { maxOutputLength: size + 1 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooMany(deflated, size);
    throw notInflated(deflated, cause);
  }
  if (inflated.length > size) throw tooMany(deflated, size);
  if (inflated.length < size) throw tooFew(deflated, inflated.length, size);
  return inflated;
}

const pieceBytes = 2 ** 16;

/** One pass over what comes out, from its beginning. */
class Inflation {
  /** How many bytes have been taken. */
  position = 0;
  private left: Uint8Array = new Uint8Array(0);
  private readonly stream = createInflateRaw({ chunkSize: pieceBytes });
  private readonly chunks: AsyncIterator<Uint8Array>;

  constructor(readonly deflated: ByteSource) {
    // Errors reach whoever takes the chunks.
    pipeline(Readable.from(pieces(deflated)), this.stream, () => undefined);
    this.chunks = this.stream[Symbol.asyncIterator]();
  }

  async fill(out: Uint8Array): Promise<void> {
    for (let done = 0; done < out.length; ) {
      const bytes = await this.take(out.length - done);
      out.set(bytes, done);
      done += bytes.length;
    }
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.take(left)).length;
  }

  /** Checks that nothing follows the `size` bytes that came out. */
  async finish(size: number): Promise<void> {
    if (this.left.length === 0 && (await this.chunks.next()).done) return;
    throw tooMany(this.deflated, size);
  }

  stop(): void {
    this.stream.destroy();
  }

  /** The next bytes: at least one, at most `most`. */
  private async take(most: number): Promise<Uint8Array> {
    while (this.left.length === 0) {
      const { done, value } = await this.chunks.next();
      if (done) throw tooFew(this.deflated, this.position, this.position + most);
      this.left = value;
    }
    const bytes = this.left.subarray(0, most);
    this.left = this.left.subarray(bytes.length);
    this.position += bytes.length;
    return bytes;
  }
}

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += pieceBytes) {
    yield await source.read(new Uint8Array(Math.min(pieceBytes, source.size - at)), at);
  }
}

function tooMany({ name }: ByteSource, size: number): ReseedError {
  const problem = 'more bytes come out than were claimed';
  return new ReseedError('input.format', problem, {
    file: name,
    found: `more than ${size}`,
    expected: `${size}`,
  });
}

function tooFew({ name }: ByteSource, found: number, atLeast: number): ReseedError {
  const problem = 'fewer bytes come out than were claimed';
  return new ReseedError('input.format', problem, {
    file: name,
    found: `${found}`,
    expected: `at least ${atLeast}`,
  });
}

function notInflated({ name }: ByteSource, cause: unknown): ReseedError {
  if (cause instanceof ReseedError) return cause;
  const found = (cause as Error).message;
  return new ReseedError('input.format', 'it does not inflate', { file: name, found, cause });
}
