// Many small reads close behind each other as few large ones.
import { type ByteSource, requireWithin } from './byte-source.js';

const blockBytes = 2 ** 16;

/** The same bytes; a read brings in 64 KiB from its position on, and reads within them cost nothing. */
export function readAhead(source: ByteSource): ByteSource {
  let block = new Uint8Array(0);
  let blockAt = 0;
  return {
    name: source.name,
    size: source.size,
    async read(out, position) {
      requireWithin(source, out.length, position);
      if (out.length > blockBytes) return source.read(out, position);
      if (position < blockAt || position + out.length > blockAt + block.length) {
        const ahead = Math.min(blockBytes, source.size - position);
        block = await source.read(new Uint8Array(ahead), position);
        blockAt = position;
      }
      out.set(block.subarray(position - blockAt, position - blockAt + out.length));
      return out;
    },
  };
}
