// Hashes of plain values, for the names under which a study keeps what it has computed.
import { createHash } from 'node:crypto';

/** SHA-256 of a value's JSON, in hexadecimal. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
