// SHA-256 of what a file holds, read piece by piece.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileError } from './atomic-write.js';

/** In hexadecimal. @throws input.file */
export async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Uint8Array);
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  return hash.digest('hex');
}
