// Who may have a folder: one run at a time, told from others by machine, container, process and its start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { silenceSeconds } from '../../src/formats/folder-lock.js';
import { thisProcess } from '../../src/formats/process-mark.js';
import { StudyFolder } from '../../src/study/folder.js';

let out: string;
let lock: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'reseed-lock-'));
  lock = join(out, '.work', 'lock');
  await mkdir(join(out, '.work'));
});

const take = () => new StudyFolder(out).lock();
const left = async () => (await readdir(join(out, '.work'))).sort();

describe('a folder is taken from a run that is gone', () => {
  const { place, host } = thisProcess();
  it.each([
    ['nobody', undefined],
    ['an empty lock', ''],
    ['an earlier release', '999999999'],
    ['a process that is no more', JSON.stringify({ host, place, pid: 999999999 })],
    ['a process whose id another has now', JSON.stringify({ host, place, pid: process.ppid, start: '1' })],
    ['an earlier process with our id', JSON.stringify({ host, place, pid: process.pid, start: '1' })],
  ])('%s', async (_, content) => {
    if (content !== undefined) await writeFile(lock, content);
    const unlock = await take();
    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ ...thisProcess() });
    await unlock();
    expect(await left()).toEqual([]);
  });

  it('and from one of another place once that was silent for long enough', async () => {
    await writeFile(lock, JSON.stringify({ host: 'far', place: '00000000', pid: process.pid }));
    await expect(take()).rejects.toThrow(/found process \d+ of far, in another place.* \d s ago/);
    const then = Date.now() / 1000 - silenceSeconds - 5;
    await utimes(lock, then, then);
    await (await take())();
    expect(await left()).toEqual([]);
  });
});

describe('a folder is never taken from a run that is alive', () => {
  it.each([
    ['of an earlier release', '1'],
    ['of this place', JSON.stringify({ ...thisProcess(), pid: 1, start: undefined })],
    ['of another place, whatever its id', JSON.stringify({ host: 'far', place: 'ffffffff', pid: 999999999 })],
  ])('%s', async (_, content) => {
    await writeFile(lock, content);
    await expect(take()).rejects.toMatchObject({ code: 'input.locked' });
    expect(await readFile(lock, 'utf8')).toBe(content);
    expect(await left()).toEqual(['lock']);
  });

  it('nor from a run of this very process', async () => {
    const unlock = await take();
    await expect(take()).rejects.toMatchObject({ code: 'input.locked' });
    await unlock();
    await (await take())();
  });

  it('one of many that ask at once has it', async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, take));
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(await left()).toEqual(['lock']);
  });
});

it('a run whose lock was taken while it stood still is told so, and leaves the lock alone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const lost = vi.fn();
  try {
    const unlock = await new StudyFolder(out).lock(lost);
    const own = await readFile(lock, 'utf8');
    const before = Date.now() / 1000 - 1000;
    await utimes(lock, before, before);
    vi.advanceTimersByTime(20_000);
    await vi.waitFor(async () => expect(await secondsSince(lock)).toBeLessThan(60));
    expect(await readFile(lock, 'utf8')).toBe(own);
    expect(lost).not.toHaveBeenCalled();
    await writeFile(lock, JSON.stringify({ host: 'far', place: '00000000', pid: 4 }));
    vi.advanceTimersByTime(20_000);
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
    await unlock();
    expect(await readFile(lock, 'utf8')).toContain('far');
  } finally {
    vi.useRealTimers();
  }
});

async function secondsSince(file: string): Promise<number> {
  const { stat } = await import('node:fs/promises');
  return (Date.now() - (await stat(file)).mtimeMs) / 1000;
}

it('a live process in a PID namespace of its own keeps its folder', async () => {
  const script = `
    const { StudyFolder } = await import(${JSON.stringify(new URL('../../dist/study/folder.js', import.meta.url).href)});
    await new StudyFolder(${JSON.stringify(out)}).lock();
    console.log('has it, as ' + process.pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(
    'unshare',
    [
      '--user',
      '--map-root-user',
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    const ended = once(child, 'close').then(() => 'ended');
    const failed = once(child, 'error').then(() => 'ended');
    const first = await Promise.race([once(child.stdout, 'data').then(String), ended, failed]);
    if (first === 'ended') {
      console.warn('PID namespaces cannot be made here: left out');
      return;
    }
    expect(first).toContain('has it, as 1\n');
    await expect(take()).rejects.toThrow(/process 1 of .*, in another place than this one/);
  } finally {
    child.kill('SIGKILL');
  }
});
