// What is done and what has failed, as the folder holds it: no queue is asked.
//
// `.work/units/<key>.json` says that a unit is done, who did it, and the hashes of what it made. It is published by a link, which
// only one can make: whoever comes later compares its hashes with those, which tells whether the work is deterministic. Failures
// lie in `.work/failed/<key>/`, one file an attempt. Usage errors and bad input (exit codes 2 and 3) end a unit at once, whatever
// else happened is tried three times.

import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { fileError, writeFileAtomic } from '../../formats/atomic-write.js';
import { makeFolder } from '../../formats/make-folder.js';
import { thisProcess } from '../../formats/process-mark.js';
import type { StudyFolder } from '../folder.js';
import type { Unit } from './unit.js';

/** Tries of a unit, where it does not fail for good. */
export const mostTries = 3;

/** Hashes of what a unit has made, by name. */
export type Made = Readonly<Record<string, string>>;

export interface UnitRecord {
  readonly key: string;
  readonly label: string;
  readonly made: Made;
  readonly attempt: string;
  readonly host: string;
  readonly seconds: number;
  readonly at: string;
}

export interface UnitFailure {
  readonly key: string;
  readonly label: string;
  readonly message: string;
  /** What the process ended with; absent where it was killed. */
  readonly exit?: number;
  readonly host: string;
  readonly attempt: string;
  readonly at: string;
}

export class UnitStore {
  constructor(readonly folder: StudyFolder) {}

  recordFile(key: string): string {
    return join(this.folder.work, 'units', `${key}.json`);
  }

  async record(key: string): Promise<UnitRecord | undefined> {
    return readJson(this.recordFile(key)) as Promise<UnitRecord | undefined>;
  }

  isDone(key: string): Promise<boolean> {
    return this.folder.has(this.recordFile(key));
  }

  /** Takes back that a unit is done, because what it made is gone. */
  async forget(key: string): Promise<void> {
    await rm(this.recordFile(key), { force: true });
  }

  /**
   * Says that a unit is done. False where somebody has said so before.
   * @throws internal.control where that one made other bytes
   */
  async publish(record: UnitRecord): Promise<boolean> {
    const file = this.recordFile(record.key);
    const own = `${file}.${randomBytes(6).toString('hex')}.new`;
    await makeFolder(join(file, '..'));
    try {
      await writeFile(own, `${JSON.stringify(record, null, 2)}\n`);
      await link(own, file);
      return true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(file, 'write', cause);
    } finally {
      await rm(own, { force: true }).catch(() => undefined);
    }
    const first = await this.record(record.key);
    if (!first) {
      // It cannot be read: written by a machine that lost power.
      await this.forget(record.key);
      return this.publish(record);
    }
    requireSame(first, record);
    return false;
  }

  async failures(key: string): Promise<UnitFailure[]> {
    const folder = join(this.folder.work, 'failed', key);
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
    const all = await Promise.all(
      names.map((name) => readJson(join(folder, name)) as Promise<UnitFailure | undefined>),
    );
    return all.flatMap((one) => (one ? [one] : [])).sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** The failure for which a unit is not tried again; undefined where it is to be tried. */
  async verdict(key: string): Promise<UnitFailure | undefined> {
    const failures = await this.failures(key);
    const final = failures.find(({ exit }) => exit === 2 || exit === 3);
    return final ?? (failures.length >= mostTries ? failures.at(-1) : undefined);
  }

  async fail(
    { key, label }: Pick<Unit, 'key' | 'label'>,
    { message, exit, attempt }: { message: string; exit?: number | undefined; attempt: string },
  ): Promise<void> {
    const failure: UnitFailure = {
      key,
      label,
      message,
      ...defined({ exit }),
      host: thisProcess().host,
      attempt,
      at: new Date().toISOString(),
    };
    const folder = join(this.folder.work, 'failed', key);
    await makeFolder(folder);
    await writeFileAtomic(join(folder, `${attempt}.json`), `${JSON.stringify(failure, null, 2)}\n`);
  }

  /** Forgets the failures of these units: somebody who starts again may have mended what was wrong. */
  async forgive(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(join(this.folder.work, 'failed', key), { recursive: true, force: true });
  }
}

function requireSame(first: UnitRecord, second: UnitRecord): void {
  // What an earlier run has made without units has no hashes.
  const differing = Object.keys(second.made).find(
    (name) => name in first.made && first.made[name] !== second.made[name],
  );
  if (differing === undefined) return;
  throw new ReseedError('internal.control', 'two attempts at one unit made different bytes', {
    file: first.label,
    field: differing,
    found: `${second.made[differing]} on ${second.host}`,
    expected: `${first.made[differing]}, as ${first.host} has it`,
  });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
