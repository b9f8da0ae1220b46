// What goes wrong with units on one machine: each time the study ends with the same bytes, or with an error that names what failed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli, cliScript, startCli } from '../cli/cli.js';
import type { TinyStudy } from '../study/tiny-study.js';
import { atWork, countOf, end, faultStudy, leftOver, unitsIn, untilAtWork } from './fault-study.js';
import { differing, filesOf, localRun, wholeRun } from './unit-study.js';

let study: TinyStudy;
let whole: Map<string, string>;

beforeAll(async () => {
  study = await faultStudy();
  whole = await wholeRun(study);
});
afterAll(() => rm(study.folder, { recursive: true, force: true }));

const place = (name: string) => join(study.folder, name);
const given = (out: string) => localRun(study.file, out, '--cpus', '1');
/** Gives its units out and has none done. */
const giveOut = (out: string) => cli('run', study.file, '--out', out, '--units', '--bundle', '0');

async function expectWhole(out: string): Promise<void> {
  expect(differing(await filesOf(out), whole)).toEqual([]);
  expect(await leftOver(out)).toEqual([]);
}

it('units that are killed are tried again, and go on', async () => {
  const out = place('killed units');
  const { finished } = startCli(given(out));
  const killed: string[] = [];
  for (let kills = 0; kills < 4; kills++) {
    const one = await untilAtWork(out, ({ id, unit }) => !killed.includes(id) && !killed.includes(unit));
    end(one.mark.pid);
    killed.push(one.id, one.unit);
  }
  const { code, stderr } = await finished;
  expect(code, stderr).toBe(0);
  await expectWhole(out);
});

it('a driver that is killed leaves its units at work, and the next one takes them up', async () => {
  const out = place('killed driver');
  const first = startCli(given(out));
  await untilAtWork(out);
  first.child.kill('SIGKILL');
  await first.finished;
  expect((await atWork(out)).length).toBeGreaterThan(0);
  const { code, stderr } = await startCli(given(out)).finished;
  expect(code, stderr).toBe(0);
  await expectWhole(out);
  // Nothing was done twice.
  expect([...(await countOf(out, 'begun')).values()].every((count) => count === 1)).toBe(true);
  expect((await countOf(out, 'known')).size).toBe(0);
});

it('a unit that always kills its process fails alone and is named; cured, it is done', async () => {
  const out = place('poison');
  const { finished } = startCli(given(out));
  let over = false;
  const poison = (async () => {
    while (!over) {
      const units = await unitsIn(out);
      for (const { unit, mark } of await atWork(out)) {
        if (units.find(({ key }) => key === unit)?.label === 'train layer0.plus.seed2') end(mark.pid);
      }
      await wait(10);
    }
  })();
  const { code, stderr } = await finished;
  over = true;
  await poison;
  expect(code).toBe(4);
  expect(stderr).toMatch(
    /train layer0\.plus\.seed2: 1 of 7 units failed; everything that needs none of them is done/,
  );
  expect(stderr).toMatch(/its process was ended by SIGKILL without a result/);
  const { stdout } = await cli('status', out);
  expect(stdout).toMatch(/SAEs to train +2 of 3 done, 1 failed/);
  expect(stdout).toMatch(/train layer0\.plus\.seed2, for good after 3 on /);
  expect(await startCli(given(out)).finished).toMatchObject({ code: 0 });
  await expectWhole(out);
});

it('bad input is never tried again', async () => {
  const out = place('taken');
  expect(await giveOut(out)).toMatchObject({ code: 0 });
  // Where the second SAE is to go there is a file.
  const key = await keyOfSae(1);
  await mkdir(join(out, '.work', 'saes'), { recursive: true });
  await writeFile(join(out, '.work', 'saes', key), 'in the way');
  const { code, stderr } = await startCli(given(out)).finished;
  expect(code).toBe(3);
  expect(stderr).toMatch(
    new RegExp(`train layer0\\.plus\\.seed2: 1 of 7 units failed.*${key}: cannot write it`),
  );
  const begun = await countOf(out, 'begun');
  expect([...begun.values()].sort()).toEqual([1, 1, 1]);
  await rm(join(out, '.work', 'saes', key));
  expect(await startCli(given(out)).finished).toMatchObject({ code: 0 });
  await expectWhole(out);
});

async function keyOfSae(at: number): Promise<string> {
  const config = join(place('whole'), 'saes', `layer0.plus.seed${at + 1}`, 'cfg.json');
  return JSON.parse(await readFile(config, 'utf8')).metadata.reseed.key;
}

it('Ctrl-C stops everything that was begun; the same command goes on', async () => {
  const out = place('cancelled');
  for (const kind of ['train', 'group']) {
    const { child, finished } = startCli(given(out));
    await untilAtWork(out, (_, unit) => unit?.work.kind === kind);
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/the same command continues from there/);
    expect(await atWork(out)).toEqual([]);
    expect(await readdir(join(out, '.work'))).not.toContain('lock');
  }
  expect(await startCli(given(out)).finished).toMatchObject({ code: 0 });
  await expectWhole(out);
});

it('one unit at the same time in two PID namespaces, with one process id, is published once', async () => {
  const out = place('twice');
  expect(await giveOut(out)).toMatchObject({ code: 0 });
  const [{ key }] = await unitsIn(out);
  const isolated = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', process.execPath];
  const start = (): [ChildProcess, Promise<number | null>] => {
    const child = spawn('unshare', [...isolated, cliScript, 'work', out, '--unit', key], { stdio: 'ignore' });
    return [
      child,
      once(child, 'close')
        .then(([code]) => code as number | null)
        .catch(() => null),
    ];
  };
  const ends = await Promise.all([start()[1], start()[1]]);
  if (ends.includes(null) || (await countOf(out, 'begun')).size === 0) {
    console.warn('PID namespaces cannot be made here: left out');
    return;
  }
  expect(ends).toEqual([0, 0]);
  const names = await readdir(join(out, '.work', 'events'));
  for (const name of names) expect(name).toMatch(/\.1\.[0-9a-f]{8}\.jsonl$/);
  expect((await countOf(out, 'done')).get(key)).toBe(1);
  expect(await startCli(given(out)).finished).toMatchObject({ code: 0 });
  await expectWhole(out);
});

it('a process that stood still until all was over changes nothing', async () => {
  const out = place('zombie');
  expect(await giveOut(out)).toMatchObject({ code: 0 });
  const [{ key }] = await unitsIn(out);
  const { child, finished } = startCli(['work', out, '--unit', key]);
  const { mark } = await untilAtWork(out);
  end(mark.pid, 'SIGSTOP');
  expect(await cli('work', out, '--unit', key)).toMatchObject({ code: 0 });
  expect(await cli('run', study.file, '--out', out)).toMatchObject({ code: 0 });
  const before = await filesOf(out);
  child.kill('SIGCONT');
  const { code, stderr } = await finished;
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('was done already');
  expect(differing(await filesOf(out), before)).toEqual([]);
  expect(differing(before, whole)).toEqual([]);
  expect((await countOf(out, 'known')).get(key)).toBe(1);
});

it('workers of both kernels make one result', async () => {
  const out = place('mixed');
  expect(await giveOut(out)).toMatchObject({ code: 0 });
  for (let row = 0; row < 7; row++) {
    const kernel = row % 2 === 0 ? 'portable' : 'auto';
    expect(await cli('work', out, '--row', String(row), '--kernel', kernel)).toMatchObject({ code: 0 });
  }
  expect(await cli('run', study.file, '--out', out)).toMatchObject({ code: 0 });
  expect(differing(await filesOf(out), whole)).toEqual([]);
});

it('parts that were cut off are made again', async () => {
  const out = place('mixed');
  const parts = join(out, '.work', 'parts');
  const files = (await readdir(parts, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  for (const { parentPath, name } of files) {
    if (!name.endsWith('.safetensors')) await truncate(join(parentPath, name), 100);
  }
  await rm(join(out, 'results.json'));
  expect(await startCli(given(out)).finished).toMatchObject({ code: 0 });
  expect(differing(await filesOf(out), whole)).toEqual([]);
});

it('a worker refuses what is not its own: another version, another folder, no work, no such row', async () => {
  const out = place('mixed');
  const file = join(out, '.work', 'job.json');
  const text = await readFile(file, 'utf8');
  const refuses = async (args: string[], code: number, words: RegExp) => {
    const ended = await cli('work', out, ...args);
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(words) });
  };
  await refuses(
    ['--row', '0', '--store', '0'.repeat(32)],
    3,
    /sees another folder than the run that gave the work out/,
  );
  await refuses(['--row', '99'], 2, /the list has no such row; found 99; expected 0 … 6/);
  await refuses(
    ['--row', '1', '--unit', 'x'],
    2,
    /which units to do must be given in one way; found several ways/,
  );
  await writeFile(file, text.replace(/"version":"[^"]+"/, '"version":"9.9.9"'));
  await refuses(['--row', '0'], 3, /the work is of another version of reseed; found 9\.9\.9/);
  await rm(file);
  await refuses(['--row', '0'], 3, /the folder holds no work to take/);
});
