// Disks that fill up or may not be written to: a named error, and the same bytes once there is room.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli, cliScript } from '../cli/cli.js';
import type { TinyStudy } from '../study/tiny-study.js';
import { faultStudy } from './fault-study.js';
import { differing, filesOf, wholeRun } from './unit-study.js';

const run = promisify(execFile);
let study: TinyStudy;
let whole: Map<string, string>;

beforeAll(async () => {
  study = await faultStudy(20);
  whole = await wholeRun(study);
});
afterAll(() => rm(study.folder, { recursive: true, force: true }));

/** Runs a command in mounts of its own; undefined where none can be made. */
async function mounted(script: string): Promise<{ code: number; said: string } | undefined> {
  const isolated = ['--user', '--map-root-user', '--mount', 'sh', '-c', script];
  try {
    const { stderr } = await run('unshare', isolated, {
      env: { ...process.env, NODE: process.execPath, CLI: cliScript },
    });
    return { code: 0, said: stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    if (/unshare|mount/.test(stderr) && !/reseed/.test(stderr)) {
      console.warn('mounts cannot be made here: left out');
      return undefined;
    }
    return { code, said: stderr };
  }
}

it('a folder that may not be written to', async () => {
  const out = join(study.folder, 'read-only');
  expect(await cli('run', study.file, '--out', out, '--units', '--bundle', '0')).toMatchObject({ code: 0 });
  const ended = await mounted(
    `mount --bind '${out}' '${out}' && mount -o remount,ro,bind '${out}' && exec "$NODE" "$CLI" work '${out}' --row 0`,
  );
  if (!ended) return;
  expect(ended.code).toBe(3);
  expect(ended.said).toMatch(/cannot write it: the file system is read-only/);
});

it('a disk that is full when a unit is published', async () => {
  const out = join(study.folder, 'full');
  for (const kilobytes of [200, 260, 320]) {
    await rm(out, { recursive: true, force: true });
    expect(await cli('run', study.file, '--out', out, '--units', '--bundle', '0')).toMatchObject({ code: 0 });
    // The folder as it is, on a disk that is full after so much more.
    const ended = await mounted(
      `cp -a '${out}' '${out}.copy' && mount -t tmpfs -o size=${kilobytes}k none '${out}' && cp -a '${out}.copy/.' '${out}/' && rm -rf '${out}.copy'
       i=0; while [ $i -lt 7 ]; do "$NODE" "$CLI" work '${out}' --row $i || { code=$?; break; }; i=$((i + 1)); done
       exit \${code:-0}`,
    );
    if (!ended) return;
    if (ended.code === 0) continue;
    expect(ended.code).toBe(3);
    expect(ended.said).toMatch(/cannot write it: the disk is full/);
  }
  // What was on the small disk is gone; the folder below is as it was.
  for (let row = 0; row < 7; row++)
    expect(await cli('work', out, '--row', String(row))).toMatchObject({ code: 0 });
  expect(await cli('run', study.file, '--out', out)).toMatchObject({ code: 0 });
  expect(differing(await filesOf(out), whole)).toEqual([]);
});
