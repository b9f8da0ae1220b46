// Work that is cancelled in each of its waves: nothing goes on, and the same command ends with the bytes of a run that was left alone.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unitKinds } from '../../src/study/units/unit.js';
import { startCli } from '../cli/cli.js';
import { atWork, leftOver, untilAtWork } from './fault-study.js';
import { differing, filesOf, localRun, type UnitStudy, unitStudy, wholeRun } from './unit-study.js';

let study: UnitStudy;
let whole: Map<string, string>;

beforeAll(async () => {
  study = await unitStudy();
  whole = await wholeRun(study);
});
afterAll(() => rm(study.folder, { recursive: true, force: true }));

it('is cancelled in each wave, and goes on', async () => {
  const out = join(study.folder, 'waves');
  const run = () => startCli(localRun(study.file, out, '--cpus', '1'));
  for (const kind of unitKinds) {
    const { child, finished } = run();
    await untilAtWork(out, (_, unit) => unit?.work.kind === kind);
    child.kill('SIGINT');
    expect((await finished).code, kind).toBe(130);
    expect(await atWork(out)).toEqual([]);
  }
  expect(await run().finished).toMatchObject({ code: 0 });
  expect(differing(await filesOf(out), whole)).toEqual([]);
  expect(await leftOver(out)).toEqual([]);
});

it('a worker that is killed while it waits for more costs nothing', async () => {
  const out = join(study.folder, 'idle');
  const { finished } = startCli(localRun(study.file, out, '--workers', '1'));
  const seen = new Set<string>();
  // Whoever has done a unit is shot at once: at the next unit, or between two.
  let over = false;
  const shooting = (async () => {
    while (!over && seen.size < 3) {
      const one = await untilAtWork(out, ({ id, mark }) => !seen.has(id) && !seen.has(String(mark.pid)));
      seen.add(one.id);
      while ((await atWork(out)).some(({ id }) => id === one.id))
        await new Promise((next) => setTimeout(next, 5));
      seen.add(String(one.mark.pid));
      try {
        process.kill(one.mark.pid, 'SIGKILL');
      } catch {
        // It was the last.
      }
    }
  })().catch(() => undefined);
  const { code, stderr } = await finished;
  over = true;
  expect(code, stderr).toBe(0);
  await Promise.race([shooting, new Promise((next) => setTimeout(next, 1000))]);
  expect(differing(await filesOf(out), whole)).toEqual([]);
});
