// The lock of a folder: one run at a time, on this machine, in another container, or on another machine that shares the folder.
//
// It holds the mark of the process that has it (process-mark.ts), which writes it again every while. Of a process of our own place
// the system says whether it is alive. Of any other only that shows: a lock that nobody wrote to for five minutes is nobody's.
// Times are compared between two files of the same folder, so that clocks of several machines need not agree.
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from './atomic-write.js';
import {
  isAlive,
  isThisProcess,
  type ProcessMark,
  parseMark,
  thisProcess,
  whereaboutsOf,
} from './process-mark.js';

/** Between two heartbeats. */
const everySeconds = 20;

/** Seconds without a heartbeat after which a holder on another machine counts as gone. */
export const silenceSeconds = 300;

/** The texts of the locks that this process has now. */
const held = new Set<string>();

/** Who holds a lock, by what its file says. */
interface Holder {
  readonly text: string;
  readonly mark?: ProcessMark;
  /** Seconds since the last heartbeat. */
  readonly silent: number;
}

export interface LockOptions {
  /** What is locked, and by which flag another could be named, for people. */
  readonly folder: string;
  readonly flag: string;
  /** Called once another run has taken the lock from this one. */
  readonly onLost?: (() => void) | undefined;
}

/**
 * Takes the lock, or throws at once where another run has it.
 * @param file the lock; the folder that it lies in is there
 * @returns frees it
 * @throws input.locked while another run has it; input.file
 */
export async function lockFolder(
  file: string,
  { folder, flag, onLost }: LockOptions,
): Promise<() => Promise<void>> {
  const text = `${JSON.stringify({ ...thisProcess(), id: randomBytes(8).toString('hex') })}\n`;
  for (;;) {
    const now = await tryLock(file, text);
    if (now === undefined) break;
    const holder = await holderOf(file, now);
    if (holder === undefined) continue;
    if (isHeld(holder)) {
      throw new ReseedError('input.locked', 'another run is using this folder', {
        file: folder,
        found: describe(holder),
        expected: `a folder of its own for each run (${flag})`,
      });
    }
    await removeStale(file, holder, now);
  }
  held.add(text);
  const beat = setInterval(
    () => void heartbeat(file, text, onLost, () => clearInterval(beat)),
    1000 * everySeconds,
  );
  beat.unref();
  return async () => {
    clearInterval(beat);
    held.delete(text);
    if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true });
  };
}

/** Makes the lock in one step: nobody ever sees it empty. The time of the folder's clock where somebody has it. */
async function tryLock(file: string, text: string): Promise<number | undefined> {
  const own = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    await writeFile(own, text);
    await link(own, file);
    return undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(file, 'write', cause);
    return (await stat(own)).mtimeMs;
  } finally {
    await rm(own, { force: true });
  }
}

async function holderOf(file: string, now: number): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const found = await stat(file).catch(() => undefined);
  if (text === undefined || !found) return undefined;
  let mark: ProcessMark | undefined;
  try {
    mark = parseMark(JSON.parse(text));
  } catch {
    mark = undefined;
  }
  return { text, ...(mark ? { mark } : {}), silent: (now - found.mtimeMs) / 1000 };
}

function isHeld({ text, mark, silent }: Holder): boolean {
  // An earlier release wrote the process id alone.
  if (!mark) {
    const pid = Number(text);
    return pid !== process.pid && isAlive(pid);
  }
  // What an earlier process with our id and start has left is nobody's.
  if (isThisProcess(mark)) return held.has(text);
  const whereabouts = whereaboutsOf(mark);
  return whereabouts === 'alive' || (whereabouts === 'elsewhere' && silent < silenceSeconds);
}

function describe({ text, mark, silent }: Holder): string {
  if (!mark) return `process ${text.trim()}`;
  const { pid, host } = mark;
  if (whereaboutsOf(mark) === 'alive') return `process ${pid}`;
  return `process ${pid} of ${host}, in another place than this one; its last sign of life was ${Math.max(0, Math.round(silent))} s ago, and after ${silenceSeconds} s the folder is free`;
}

/** The run that held it is gone. Whoever renames the lock may remove it; where another run has taken it meanwhile, it is put back. */
async function removeStale(file: string, holder: Holder, now: number): Promise<void> {
  const stale = `${file}.${randomBytes(6).toString('hex')}.new`;
  await rename(file, stale).catch(() => undefined);
  const taken = await holderOf(stale, now);
  if (taken && taken.text !== holder.text && isHeld(taken)) await link(stale, file).catch(() => undefined);
  await rm(stale, { force: true });
}

/** Writes the lock again, in place, so that the file system gives it its own time. */
async function heartbeat(
  file: string,
  text: string,
  onLost: (() => void) | undefined,
  stop: () => void,
): Promise<void> {
  const handle = await open(file, 'r+').catch(() => undefined);
  if (!handle) return;
  try {
    const found = await handle.readFile('utf8');
    if (found === text) await handle.write(text, 0);
    else if (found !== '') {
      stop();
      onLost?.();
    }
  } catch {
    // A file system that is away for a moment: the next heartbeat follows.
  } finally {
    await handle.close().catch(() => undefined);
  }
}
