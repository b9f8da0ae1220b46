// A file that was dropped on the page, as bytes that are read by their position.
import { ReseedError } from '../../../../src/errors.js';
import { type ByteSource, requireWithin } from '../../../../src/formats/byte-source.js';

/** @param name for messages */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    async read(out, position) {
      requireWithin(this, out.length, position);
      const bytes = await blob
        .slice(position, position + out.length)
        .arrayBuffer()
        .catch((cause) => {
          throw new ReseedError('input.file', 'cannot read it', {
            file: name,
            found: (cause as Error).message,
            cause,
          });
        });
      out.set(new Uint8Array(bytes));
      return out;
    },
  };
}
