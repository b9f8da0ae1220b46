// Memory that threads share, or, where there is none to share, memory of one thread.

/**
 * Zeroed bytes. A page that is not isolated from all others has no shared memory; what is computed there is computed by one
 * thread. @throws RangeError where they do not fit
 */
export function sharedBytes(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}
