// Safetensors files made by hand, right or wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A function that writes bytes into a file of the tests' own and returns its path; each file replaces the last. */
export function oneFile(): (bytes: Uint8Array) => Promise<string> {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reseed-safetensors-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return async (bytes) => {
    const file = join(folder, 'file.safetensors');
    await writeFile(file, bytes);
    return file;
  };
}

/** A file with this header and so many bytes of data. */
export function rawSafetensors(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const out = new Uint8Array(8 + text.length + dataBytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  return out;
}
