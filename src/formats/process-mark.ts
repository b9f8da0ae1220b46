// Which process wrote something, told so that another machine, or a container with the same process ids, is not taken for it.
//
// A process id means something on one machine since its last start, within one PID namespace. `place` names these three; a
// process of the same place is alive when its id is, and was started at the same time. Of another place nobody can tell.

import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { defined } from '../defined.js';

export interface ProcessMark {
  readonly host: string;
  /** Eight hexadecimal digits: the machine, its start, and the PID namespace. */
  readonly place: string;
  readonly pid: number;
  /** When it was started, in ticks since the machine was; absent where the system does not say. */
  readonly start?: string;
}

/** What can be said of a process: `elsewhere`, where its place is not ours. */
export type Whereabouts = 'alive' | 'gone' | 'elsewhere';

/** Read once: none of it changes while a process lives. */
const here: string = createHash('sha256')
  .update(JSON.stringify([hostname(), textOf('/proc/sys/kernel/random/boot_id'), namespace()]))
  .digest('hex')
  .slice(0, 8);

/** The mark of this process. */
export function thisProcess(): ProcessMark {
  const start = startOf(process.pid);
  return {
    host: hostname(),
    place: here,
    pid: process.pid,
    ...defined({ start }),
  };
}

export function isThisProcess({ place, pid, start }: ProcessMark): boolean {
  return place === here && pid === process.pid && (start === undefined || start === startOf(pid));
}

/** What has become of the process with this mark. */
export function whereaboutsOf({ place, pid, start }: Omit<ProcessMark, 'host'>): Whereabouts {
  if (place !== here) return 'elsewhere';
  if (!isAlive(pid)) return 'gone';
  const now = startOf(pid);
  // Its id may have been given to another process since.
  return start !== undefined && now !== undefined && start !== now ? 'gone' : 'alive';
}

/** Whether this system has a process of this id in our namespace, of whatever user. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A mark read back from JSON; undefined for anything else. */
export function parseMark(value: unknown): ProcessMark | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, place, pid, start } = value as Record<string, unknown>;
  if (typeof host !== 'string' || typeof place !== 'string' || !Number.isInteger(pid)) return undefined;
  return { host, place, pid: pid as number, ...(typeof start === 'string' ? { start } : {}) };
}

/** Field 22 of /proc/<pid>/stat. The name of the program, in brackets before it, may hold anything. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function namespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return undefined;
  }
}
