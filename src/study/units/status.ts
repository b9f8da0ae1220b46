// How far the units of a folder are, by what the folder holds.
import { defined } from '../../defined.js';
import type { UnitsStatus } from '../../report/units-status.js';
import type { StudyFolder } from '../folder.js';
import { eventsIn, knownAttempts } from './attempts.js';
import { readJob } from './job.js';
import { wavesOf } from './unit.js';
import { UnitStore } from './unit-store.js';

/** @throws input.file where the folder has no work, or that of another version */
export async function statusOf(folder: StudyFolder): Promise<UnitsStatus> {
  const { units } = await readJob(folder);
  const store = new UnitStore(folder);
  const done = new Set<string>();
  const failures: UnitsStatus['failures'][number][] = [];
  const failed = new Set<string>();
  for (const { key, label } of units) {
    if (await store.isDone(key)) {
      done.add(key);
      continue;
    }
    const tries = await store.failures(key);
    const last = tries.at(-1);
    if (!last) continue;
    const final = (await store.verdict(key)) !== undefined;
    if (final) failed.add(key);
    failures.push({ label, host: last.host, tries: tries.length, final, message: last.message });
  }
  const attempts = (await knownAttempts(folder)).filter(({ alive, unit }) => alive && !done.has(unit));
  const busy = new Set(attempts.map(({ unit }) => unit));
  const events = await eventsIn(folder);
  return {
    folder: folder.root,
    waves: wavesOf(units).map((wave) => ({
      kind: wave[0].work.kind,
      units: wave.length,
      done: wave.filter(({ key }) => done.has(key)).length,
      running: wave.filter(({ key }) => busy.has(key)).length,
      failed: wave.filter(({ key }) => failed.has(key)).length,
    })),
    running: attempts.map(({ id, unit, mark }) => {
      const own = events.filter(({ attempt }) => attempt === id);
      const share = own.findLast((event) => event.share !== undefined)?.share;
      const began = Date.parse(own[0]?.at ?? new Date().toISOString());
      return {
        label: units.find(({ key }) => key === unit)?.label ?? unit,
        host: mark.host,
        pid: mark.pid,
        seconds: (Date.now() - began) / 1000,
        ...defined({ share }),
      };
    }),
    failures,
  };
}
