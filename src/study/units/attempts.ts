// Attempts: processes that work on a unit. Each has a folder of its own, in which it makes what it then publishes by one rename.
//
// `.work/attempts/<host>.<pid>.<random>/` holds attempt.json, which says who works on what and is written again every few seconds.
// So anybody can tell an attempt that is alive from one that is gone: by the process where it is of our machine and PID namespace,
// and by its silence. What it tells goes to `.work/events/<the same name>.jsonl`.
import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../../formats/atomic-write.js';
import { makeFolder } from '../../formats/make-folder.js';
import { type ProcessMark, parseMark, thisProcess, whereaboutsOf } from '../../formats/process-mark.js';
import type { StudyFolder } from '../folder.js';

/** One thing that happened to a unit; the same for every executor. */
export interface UnitEvent {
  /** ISO 8601 */
  readonly at: string;
  readonly unit: string;
  readonly kind: string;
  readonly label: string;
  /** `known`: somebody else had published the same. `stopped`: asked to, what it had is kept. */
  readonly event: 'begun' | 'progress' | 'done' | 'known' | 'failed' | 'stopped';
  readonly host: string;
  readonly attempt: string;
  /** Of the unit's work, in [0, 1]. */
  readonly share?: number;
  readonly text?: string;
  readonly seconds?: number;
}

export interface KnownAttempt {
  readonly id: string;
  readonly unit: string;
  readonly mark: ProcessMark;
  readonly alive: boolean;
}

/** Between two signs of life. */
const everySeconds = 5;

/** Silence after which an attempt counts as gone: at once where it cannot be asked, later where its process is there but stands still. */
const silenceSeconds = { elsewhere: 60, alive: 180, gone: 0 } as const;

/** Silence after which its folder is cleared away. */
const abandonedSeconds = 7 * 24 * 3600;

export class Attempt {
  readonly id: string;
  readonly host = thisProcess().host;
  readonly folder: string;
  readonly #events: string;
  readonly #began = performance.now();
  #beat: NodeJS.Timeout | undefined;
  #told = Number.NEGATIVE_INFINITY;

  constructor(
    store: StudyFolder,
    private readonly unit: { readonly key: string; readonly label: string; readonly kind: string },
  ) {
    const { host, pid } = thisProcess();
    const name = host.replace(/[^\w-]/g, '_').slice(0, 40);
    this.id = `${name}.${pid}.${randomBytes(4).toString('hex')}`;
    this.folder = join(attemptsIn(store), this.id);
    this.#events = join(store.work, 'events', `${this.id}.jsonl`);
  }

  async begin(): Promise<void> {
    await makeFolder(this.folder);
    await makeFolder(join(this.#events, '..'));
    try {
      await this.#sign();
    } catch (cause) {
      throw fileError(this.folder, 'write', cause);
    }
    // A disk that is full for a moment ends nobody's work.
    this.#beat = setInterval(() => void this.#sign().catch(() => undefined), 1000 * everySeconds);
    this.#beat.unref();
    await this.tell({ event: 'begun' });
  }

  /** Seconds since it was made. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Progress is told at most once in a second. */
  async tell(what: Pick<UnitEvent, 'event' | 'share' | 'text' | 'seconds'>): Promise<void> {
    if (what.event === 'progress') {
      if (this.seconds - this.#told < 1) return;
      this.#told = this.seconds;
    }
    const { key: unit, label, kind } = this.unit;
    const { host } = this;
    const event: UnitEvent = {
      at: new Date().toISOString(),
      unit,
      kind,
      label,
      ...what,
      host,
      attempt: this.id,
    };
    await appendFile(this.#events, `${JSON.stringify(event)}\n`).catch(() => undefined);
  }

  async end(): Promise<void> {
    clearInterval(this.#beat);
    await rm(this.folder, { recursive: true, force: true }).catch(() => undefined);
  }

  #sign(): Promise<void> {
    const text = `${JSON.stringify({ unit: this.unit.key, ...thisProcess() })}\n`;
    return writeFile(join(this.folder, 'attempt.json'), text);
  }
}

function attemptsIn(store: StudyFolder): string {
  return join(store.work, 'attempts');
}

/** Those whose folders are there. */
export async function knownAttempts(store: StudyFolder): Promise<KnownAttempt[]> {
  const found = await Promise.all(
    (await readdir(attemptsIn(store)).catch(() => [])).map((id) => attemptIn(store, id)),
  );
  return found.flatMap((one) => (one ? [one] : []));
}

async function attemptIn(store: StudyFolder, id: string): Promise<KnownAttempt | undefined> {
  const file = join(attemptsIn(store), id, 'attempt.json');
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as { unit?: unknown };
    const mark = parseMark(value);
    if (!mark || typeof value.unit !== 'string') return undefined;
    const where = whereaboutsOf(mark);
    const silent = (Date.now() - (await stat(file)).mtimeMs) / 1000;
    return {
      id,
      unit: value.unit,
      mark,
      alive: silent < silenceSeconds[where],
    };
  } catch {
    return undefined;
  }
}

/** Removes folders of attempts that are gone: of our place at once, of others when they were silent for a week. */
export async function clearAttempts(store: StudyFolder): Promise<void> {
  for (const id of await readdir(attemptsIn(store)).catch(() => [])) {
    const folder = join(attemptsIn(store), id);
    const file = join(folder, 'attempt.json');
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = await stat(file).catch(() => stat(folder).catch(() => undefined));
    const silent = found ? (Date.now() - found.mtimeMs) / 1000 : 0;
    if (isGone(text) || silent > abandonedSeconds) await rm(folder, { recursive: true, force: true });
  }
}

function isGone(text: string): boolean {
  try {
    const mark = parseMark(JSON.parse(text));
    return mark !== undefined && whereaboutsOf(mark) === 'gone';
  } catch {
    // It may have been looked at while it was written.
    return false;
  }
}

/** All events of a folder, in the order of their times. */
export async function eventsIn(store: StudyFolder): Promise<UnitEvent[]> {
  const folder = join(store.work, 'events');
  const events: UnitEvent[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      try {
        if (line !== '') events.push(JSON.parse(line) as UnitEvent);
      } catch {
        // The last line of a process that was killed.
      }
    }
  }
  return events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
