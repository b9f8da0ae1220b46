// What Slurm does when its parts are killed, and when its limits are reached: the study ends with the same bytes all the same.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, startCli } from '../cli/cli.js';
import type { TinyStudy } from '../study/tiny-study.js';
import { countOf, end, faultStudy, leftOver, told, untilAtWork } from './fault-study.js';
import { hasSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.js';
import { differing, filesOf, wholeRun } from './unit-study.js';

describe.skipIf(!hasSlurm)('Slurm', () => {
  let study: TinyStudy;
  let whole: Map<string, string>;
  let cluster: SlurmCluster;

  beforeAll(async () => {
    study = await faultStudy(1500);
    whole = await wholeRun(study);
    cluster = await startSlurm(2);
  });
  afterAll(async () => {
    await cluster?.stop();
    await rm(study.folder, { recursive: true, force: true });
  });

  const drive = (out: string, ...flags: string[]) => {
    const given = ['--executor', 'slurm', '--cpus', '1', '--memory', '500M', '--bundle', '0', ...flags];
    return startCli(['run', study.file, '--out', out, ...given], cluster.env);
  };

  async function expectWhole(out: string, { finished }: ReturnType<typeof startCli>): Promise<void> {
    const { code, stderr } = await finished;
    expect(code, stderr).toBe(0);
    expect(differing(await filesOf(out), whole)).toEqual([]);
    expect(await leftOver(out)).toEqual([]);
    expect([...(await countOf(out, 'done')).values()].every((count) => count === 1)).toBe(true);
  }

  /** A job that was requeued waits for two minutes, unless somebody says that it may begin. */
  async function lift(): Promise<void> {
    for (let tries = 0; tries < 60; tries++) {
      const pending = (await cluster.ask('squeue', '-h', '-r', '-t', 'pending', '-o', '%i %r'))
        .trim()
        .split('\n');
      for (const line of pending.filter((one) => one.includes('BeginTime'))) {
        await cluster
          .ask('scontrol', 'update', `JobId=${line.split(' ')[0]}`, 'StartTime=now')
          .catch(() => '');
        return;
      }
      await wait(500);
    }
  }

  it('a task is killed', async () => {
    const out = join(study.folder, 'task');
    const driver = drive(out);
    end((await untilAtWork(out)).mark.pid);
    await expectWhole(out, driver);
  });

  it('a slurmstepd is killed', async () => {
    const out = join(study.folder, 'stepd');
    const driver = drive(out);
    const { mark } = await untilAtWork(out);
    const status = await readFile(`/proc/${mark.pid}/status`, 'utf8');
    end(Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
    await wait(3000);
    await lift();
    await expectWhole(out, driver);
  });

  it('a slurmd is killed: its task goes on, and is run again', async () => {
    const out = join(study.folder, 'slurmd');
    const driver = drive(out);
    await untilAtWork(out);
    const [pid] = await cluster.pids('slurmd');
    const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    end(pid);
    await wait(20_000);
    await cluster.startNode(cmdline.split('\0')[2]);
    await lift();
    await expectWhole(out, driver);
  });

  it('slurmctld is killed, and comes back', async () => {
    const out = join(study.folder, 'slurmctld');
    const driver = drive(out);
    await untilAtWork(out);
    for (const pid of await cluster.pids('slurmctld')) end(pid);
    await wait(12_000);
    await cluster.startController();
    // What was begun shortly before is not known to it any more: it drains the nodes and holds the tasks, and somebody has to look.
    await wait(12_000);
    for (const node of cluster.nodes) {
      await cluster.ask('scontrol', 'update', `NodeName=${node}`, 'State=RESUME').catch(() => '');
    }
    const held = await cluster.ask('squeue', '-h', '-r', '-t', 'pending', '-o', '%i %r');
    for (const line of held.split('\n').filter((one) => one.includes('held'))) {
      await cluster.ask('scontrol', 'release', line.split(' ')[0]).catch(() => '');
    }
    await expectWhole(out, driver);
  });

  it('the driver is killed: the next one takes its tasks up', async () => {
    const out = join(study.folder, 'driver');
    const first = drive(out);
    await untilAtWork(out);
    first.child.kill('SIGKILL');
    await first.finished;
    await expectWhole(out, drive(out));
    expect([...(await countOf(out, 'begun')).values()].every((count) => count === 1)).toBe(true);
  });

  it('is cancelled in each wave, and goes on', async () => {
    const out = join(study.folder, 'cancel');
    for (const kind of ['train', 'group']) {
      const driver = drive(out);
      await untilAtWork(out, (_, unit) => unit?.work.kind === kind);
      driver.child.kill('SIGINT');
      expect((await driver.finished).code).toBe(130);
      for (let tries = 0; tries < 60; tries++) {
        if ((await cluster.ask('squeue', '-h')) === '') break;
        await wait(500);
      }
      expect(await cluster.ask('squeue', '-h')).toBe('');
    }
    await expectWhole(out, drive(out));
  });

  it('a limit of time is reached: what was trained is kept, and other tasks go on until all is done', async () => {
    const longer = await faultStudy(20_000);
    const alone = join(longer.folder, 'whole');
    expect(await cli('run', longer.file, '--out', alone)).toMatchObject({ code: 0 });
    const out = join(longer.folder, 'limit');
    const given = ['--executor', 'slurm', '--cpus', '1', '--memory', '500M', '--time', '0:01:00'];
    // A limit of a minute, told three quarters before it: each task trains for some seconds.
    const { finished } = startCli(
      ['run', longer.file, '--out', out, ...given, '--sbatch=--signal=B:USR1@45'],
      cluster.env,
    );
    const { code, stderr } = await finished;
    expect(code, stderr).toBe(0);
    const events = await told(out);
    expect(events.filter(({ event }) => event === 'stopped').length).toBeGreaterThanOrEqual(1);
    expect(events.filter(({ event }) => event === 'failed')).toEqual([]);
    expect(differing(await filesOf(out), await filesOf(alone))).toEqual([]);
    await rm(longer.folder, { recursive: true, force: true });
  });
});
