// What may be kept between runs, and under which key: computed values by all that they depend on.
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Everything that a value depends on, versions of what computes it among them. */
export type Key = readonly (string | number | boolean | Key)[];

/**
 * The value with this key: recalled where it is kept, else computed and kept. What is kept is plain data with numbers,
 * texts and typed arrays.
 */
export type Keep = <T>(key: Key, compute: () => Promise<T>) => Promise<T>;

/** Keeps nothing. */
export const keepNothing: Keep = (_, compute) => compute();

/** Asks `keep` once for each key, and remembers what it said. */
export function inMemory(keep: Keep): Keep {
  const known = new Map<string, Promise<unknown>>();
  return <T>(key: Key, compute: () => Promise<T>): Promise<T> => {
    const name = keyText(key);
    const value = known.get(name) ?? keep(key, compute);
    known.set(name, value);
    // A computation that failed may be tried again.
    value.catch(() => known.delete(name));
    return value as Promise<T>;
  };
}

/** SHA-256 of a key, in hexadecimal. */
export function keyText(key: Key): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex');
}

/** Bytes that are hashed before other work gets its turn. */
const turn = 2 ** 25;

/** SHA-256 of the values of typed arrays, with their lengths, in hexadecimal. */
export async function hashArrays(arrays: readonly ArrayBufferView[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of arrays) {
    hash.update(`${byteLength};`);
    for (let at = 0; at < byteLength; at += turn) {
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(turn, byteLength - at)));
      if (byteLength > turn) await nextTurn();
    }
  }
  return hash.digest('hex');
}
