// Hashes of large files that are remembered as long as the files stay as they are: activations are not read whole at every start.
//
// A file is as it was when size, inode, and the times of its last change of content and of anything are the same to the
// nanosecond. A change within the same tick of the file system's clock as the stamp would not show, so a file that was changed
// less than two seconds before it was hashed is hashed again the next time.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../formats/atomic-write.js';
import { hashOfFile } from '../formats/hash-of-file.js';
import { keyText } from '../keep.js';

/** SHA-256 of what a file holds, in hexadecimal. @throws input.file */
export type FileHash = (file: string) => Promise<string>;

export interface KnownHashOptions {
  /** Where stamps are kept; nothing is written where `writes` is false. */
  readonly folder: string;
  /** Reads every file again, and renews its stamp. */
  readonly distrust?: boolean;
  readonly writes?: boolean;
}

interface Stamp {
  readonly file: string;
  readonly seen: string;
  readonly hash: string;
}

/** What the clocks of file systems may lag behind, in nanoseconds. */
const tick = 2_000_000_000n;

export function knownHashes({ folder, distrust = false, writes = true }: KnownHashOptions): FileHash {
  return async (file) => {
    const at = join(folder, `${keyText([file])}.json`);
    const before = await lookOf(file);
    if (before && !distrust) {
      const stamp = await readStamp(at);
      if (stamp?.hash !== undefined && stamp.file === file && stamp.seen === before.seen) return stamp.hash;
    }
    const hash = await hashOfFile(file);
    const after = await lookOf(file);
    if (!writes || !before || !after || before.seen !== after.seen || after.recent) return hash;
    const stamp: Stamp = { file, seen: after.seen, hash };
    // Where nothing can be kept, the file is read the next time, too.
    await mkdir(folder, { recursive: true }).catch(() => undefined);
    await writeFileAtomic(at, `${JSON.stringify(stamp)}\n`).catch(() => undefined);
    return hash;
  };
}

async function lookOf(file: string): Promise<{ seen: string; recent: boolean } | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (!found) return undefined;
  const { size, ino, mtimeNs, ctimeNs } = found;
  const now = BigInt(Date.now()) * 1_000_000n;
  return { seen: [size, ino, mtimeNs, ctimeNs].join(' '), recent: now - ctimeNs < tick };
}

async function readStamp(at: string): Promise<Partial<Stamp> | undefined> {
  try {
    return JSON.parse(await readFile(at, 'utf8')) as Partial<Stamp>;
  } catch {
    return undefined;
  }
}
