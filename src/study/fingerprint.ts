// Keys of what a study has computed: hashes of everything the result depends on, the code included.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** SHA-256 of a value's JSON, in hexadecimal. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

const fingerprints = new Map<string, string>();

/**
 * SHA-256 of the code in these folders of the package, so that results of older code are not taken for new.
 * Read once: code that changes on disk does not change in a process that runs.
 */
export function codeFingerprint(folders: readonly string[]): string {
  const name = folders.join();
  const known = fingerprints.get(name) ?? hashOfCode(folders);
  fingerprints.set(name, known);
  return known;
}

function hashOfCode(folders: readonly string[]): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|ts)$/.test(name) && !name.endsWith('.d.ts'))
      .sort();
    for (const name of names) hash.update(name).update(readFileSync(`${root}${folder}/${name}`));
  }
  return hash.digest('hex');
}

/** What training depends on. */
export const trainingCode = ['tensor', 'kernel', 'formats', 'activations', 'sae', 'training'] as const;
/** What measuring depends on. */
export const analysisCode = [
  ...trainingCode,
  'stats',
  'metrics',
  'evidence',
  'features',
  'diagnosis',
] as const;
