// A folder of kept values: one file a key, written whole or not at all, safe with several processes at once.
//
// A file holds its own key and its value as plain data (plain-data.ts): exact to the bit, and the same bytes whoever computed it.
// What cannot be read back is as good as absent. Files that were used longest ago go first when there are too many bytes.
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { deserialize } from 'node:v8';
import type { Key } from '../keep.js';
import { type Keep, keyText } from '../keep.js';
import { writeFileAtomic } from './atomic-write.js';
import { decodePlain, encodePlain } from './plain-data.js';

/** Of files that earlier versions have written, as V8 serialises. */
const earlierLayout = 'reseed kept 1';

/** With which those begin. */
const earlierMark = 0xff;

/** Bytes that a cache may take. */
const mostBytes = 2 ** 31;

/**
 * Where results are kept between runs: $RESEED_CACHE, else $XDG_CACHE_HOME/reseed, else ~/.cache/reseed. Undefined where
 * RESEED_CACHE is `off`, or there is no home.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { RESEED_CACHE: own, XDG_CACHE_HOME: xdg } = env;
  if (own === 'off') return undefined;
  if (own) return own;
  // The specification says that a relative path is to be ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'reseed');
  const home = homedir();
  return home ? join(home, '.cache', 'reseed') : undefined;
}

/** Keeps values in a folder. A folder that cannot be written to keeps nothing, and stops nobody. */
export function keepIn(folder: string): Keep {
  return async <T>(key: Key, compute: () => Promise<T>): Promise<T> => {
    const name = keyText(key);
    const file = join(folder, name.slice(0, 2), name);
    const kept = await recall(file, name);
    if (kept) return kept.value as T;
    const value = await compute();
    await store(file, name, value);
    return value;
  };
}

async function recall(file: string, name: string): Promise<{ readonly value: unknown } | undefined> {
  try {
    const found = contentOf(await readFile(file));
    if (found.name !== name) return undefined;
    const now = new Date();
    await utimes(file, now, now).catch(() => {});
    return { value: found.value };
  } catch {
    return undefined;
  }
}

function contentOf(bytes: Buffer): { readonly name?: unknown; readonly value?: unknown } {
  if (bytes[0] !== earlierMark) return decodePlain(bytes) as ReturnType<typeof contentOf>;
  const { layout, ...content } = deserialize(bytes) as { layout?: unknown; name?: unknown; value?: unknown };
  return layout === earlierLayout ? content : {};
}

async function store(file: string, name: string, value: unknown): Promise<void> {
  try {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFileAtomic(file, encodePlain({ name, value }));
  } catch {
    // A full disk or a folder of someone else: the value itself is there.
  }
}

/** Removes what was used longest ago until the folder holds at most so many bytes. */
export async function prune(folder: string, bytes = mostBytes): Promise<void> {
  const files: { path: string; size: number; used: number }[] = [];
  for (const part of await readdir(folder).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue;
    for (const name of await readdir(join(folder, part)).catch(() => [])) {
      const path = join(folder, part, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) files.push({ path, size: found.size, used: found.mtimeMs });
    }
  }
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
    if (total <= bytes) return;
    await rm(path, { force: true }).catch(() => {});
    total -= size;
  }
}
