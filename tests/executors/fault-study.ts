// What tests of faults have in common: a small study that takes some seconds, who is at work on it, and what it ends in.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StudyFolder } from '../../src/study/folder.js';
import { type KnownAttempt, knownAttempts, type UnitEvent } from '../../src/study/units/attempts.js';
import type { Job } from '../../src/study/units/job.js';
import type { Unit } from '../../src/study/units/unit.js';
import { type TinyStudy, tinyStudy } from '../study/tiny-study.js';

/** Three SAEs at one site; every unit on its own where `--bundle 0` is given. */
export function faultStudy(epochs = 400): Promise<TinyStudy> {
  return tinyStudy([
    ['epochs: 40', `epochs: ${epochs}, snapshots: [9, 40]`],
    ['sites: [plus, equals]', 'sites: [plus]'],
  ]);
}

export async function unitsIn(out: string): Promise<readonly Unit[]> {
  const text = await readFile(join(out, '.work', 'job.json'), 'utf8').catch(() => '');
  return text === '' ? [] : (JSON.parse(text) as Job).units;
}

export async function atWork(out: string): Promise<KnownAttempt[]> {
  return (await knownAttempts(new StudyFolder(out))).filter(({ alive }) => alive);
}

/** The first attempt that fulfils this, once there is one. */
export async function untilAtWork(
  out: string,
  holds: (attempt: KnownAttempt, unit: Unit | undefined) => boolean = () => true,
): Promise<KnownAttempt> {
  for (let tries = 0; tries < 12_000; tries++) {
    const units = await unitsIn(out);
    for (const attempt of await atWork(out)) {
      if (
        holds(
          attempt,
          units.find(({ key }) => key === attempt.unit),
        )
      )
        return attempt;
    }
    await wait(20);
  }
  throw new Error('nobody has begun');
}

export function end(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It was quicker.
  }
}

/** How often something was told of each unit. */
export async function countOf(out: string, event: UnitEvent['event']): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const one of await told(out)) {
    if (one.event === event) counts.set(one.unit, (counts.get(one.unit) ?? 0) + 1);
  }
  return counts;
}

export async function told(out: string): Promise<UnitEvent[]> {
  const { eventsIn } = await import('../../src/study/units/attempts.js');
  return eventsIn(new StudyFolder(out));
}

/** What is left in `.work` that somebody was still at. */
export async function leftOver(out: string): Promise<string[]> {
  const names = await readdir(join(out, '.work'), { recursive: true });
  return names.filter((name) => /\.tmp$|\.new$|^lock$|^snapshots\/.|^steps\/.|^attempts\/./.test(name));
}
