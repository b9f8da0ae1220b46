// A hash of what an addon is built from. It tells whether a prebuilt one is of these sources.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** SHA-256 of the sources, their flags and the package's version. */
export function sourcesStamp() {
  const files = readdirSync(here, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(cpp|h|gyp)$/.test(name) && !name.startsWith('build/'))
    .sort();
  const hash = createHash('sha256');
  for (const name of files)
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(here, name)))
      .update('\0');
  const { version } = JSON.parse(readFileSync(join(here, '..', 'package.json'), 'utf8'));
  return hash.update(version).digest('hex');
}
