// A Slurm cluster on this machine for tests: munged, slurmctld and some slurmd, in a folder of their own, on loopback.
//
// Debian's packages are enough (munge, slurmctld, slurmd, slurm-client); no systemd, no cgroups, no accounting. All nodes are this
// machine under several names, told apart by their ports. Clients need SLURM_CONF alone.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './services.js';

const run = promisify(execFile);
const path = `${process.env['PATH']}:/usr/sbin:/sbin`;

export const hasSlurm = ['slurmctld', 'slurmd', 'munged', 'mungekey', 'sbatch'].every((name) =>
  path.split(':').some((place) => existsSync(join(place, name))),
);

export interface SlurmCluster {
  readonly folder: string;
  /** For processes that use it. */
  readonly env: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
  /** A command of Slurm, and what it prints. */
  ask(command: string, ...args: string[]): Promise<string>;
  /** Process ids of daemons and steps of this cluster by the beginning of their name: slurmctld, slurmd, slurmstepd. */
  pids(name: string): Promise<number[]>;
  startController(): Promise<void>;
  startNode(node: string): Promise<void>;
  stop(): Promise<void>;
}

interface Ports {
  readonly controller: number;
  readonly nodes: readonly number[];
}

/** @param nodes how many @param cpus of each */
export async function startSlurm(nodes = 2, cpus = 2): Promise<SlurmCluster> {
  // Paths of sockets may have 107 bytes; munged wants others to be able to reach its own.
  const folder = await mkdtemp(join(tmpdir(), 'rs-'));
  await chmod(folder, 0o755);
  for (const name of ['munge', 'run', 'state', 'spool', 'log']) await mkdir(join(folder, name));
  await chmod(join(folder, 'munge'), 0o711);
  const ports: Ports = { controller: await freePort(), nodes: await portsFor(nodes) };
  const names = ports.nodes.map((_, i) => `node${i + 1}`);
  const conf = join(folder, 'slurm.conf');
  await writeFile(conf, await configuration(folder, ports, cpus));
  await writeFile(join(folder, 'cgroup.conf'), `CgroupPlugin=${await withoutCgroups()}\n`);
  const env = { SLURM_CONF: conf, PATH: path };
  const ask = async (command: string, ...args: string[]) =>
    (await run(command, args, { env: { ...process.env, ...env } })).stdout;
  await ask('mungekey', '--create', `--keyfile=${join(folder, 'munge', 'key')}`);
  const munged = startMunge(folder, env);
  const cluster: SlurmCluster = {
    folder,
    env,
    nodes: names,
    ask,
    pids: (name) => pidsOf(folder, name),
    startController: async () => {
      await ask('slurmctld', '-f', conf);
      await until(async () => (await ask('scontrol', 'ping')).includes(' UP'), 'the controller');
    },
    startNode: async (node) => {
      await mkdir(join(folder, 'spool', node), { recursive: true });
      await ask('slurmd', '-N', node, '-f', conf);
    },
    stop: () => stop(folder, munged),
  };
  try {
    await until(
      async () => (await ask('munge', '-n', '-S', join(folder, 'munge', 'socket'))) !== '',
      'munge',
    );
    await cluster.startController();
    for (const node of names) await cluster.startNode(node);
    await until(
      async () => (await ask('sinfo', '-h', '-N', '-o', '%T')).trim() === names.map(() => 'idle').join('\n'),
      'nodes',
    );
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function portsFor(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

function startMunge(folder: string, env: Readonly<Record<string, string>>): ChildProcess {
  const at = (name: string) => join(folder, 'munge', name);
  return spawn(
    'munged',
    [
      '--foreground',
      `--socket=${at('socket')}`,
      `--key-file=${at('key')}`,
      `--pid-file=${join(folder, 'run', 'munged.pid')}`,
      `--seed-file=${at('seed')}`,
      '--num-threads=2',
    ],
    { stdio: 'ignore', env: { ...process.env, ...env } },
  );
}

async function configuration(folder: string, ports: Ports, cpus: number): Promise<string> {
  const host = hostname().split('.')[0];
  const { username } = userInfo();
  const nodes = ports.nodes.map(
    (port, i) =>
      `NodeName=node${i + 1} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=${cpus} RealMemory=4000 State=UNKNOWN`,
  );
  return `${[
    'ClusterName=tests',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${ports.controller}`,
    `SlurmUser=${username}`,
    `SlurmdUser=${username}`,
    'CommunicationParameters=NoInAddrAny,NoCtldInAddrAny',
    'AuthType=auth/munge',
    `AuthInfo=socket=${join(folder, 'munge', 'socket')}`,
    'CredType=cred/munge',
    `StateSaveLocation=${join(folder, 'state')}`,
    `SlurmdSpoolDir=${join(folder, 'spool')}/%n`,
    `SlurmctldPidFile=${join(folder, 'run', 'slurmctld.pid')}`,
    `SlurmdPidFile=${join(folder, 'run')}/slurmd-%n.pid`,
    `SlurmctldLogFile=${join(folder, 'log', 'slurmctld.log')}`,
    `SlurmdLogFile=${join(folder, 'log')}/slurmd-%n.log`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'JobCompType=jobcomp/none',
    'MpiDefault=none',
    'SlurmdParameters=config_overrides',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU_Memory',
    'SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1',
    // A node that is silent for so long is given up, and what ran there is run again.
    'SlurmdTimeout=10',
    'KillWait=5',
    'MessageTimeout=10',
    'ReturnToService=2',
    'JobRequeue=1',
    'CompleteWait=0',
    'PropagateResourceLimits=NONE',
    ...nodes,
    `PartitionName=main Nodes=node[1-${ports.nodes.length}] Default=YES MaxTime=UNLIMITED State=UP`,
  ].join('\n')}\n`;
}

/** Slurm looks for cgroups where it is not told; before 23.02 the plugin of their first version is the one that does without. */
async function withoutCgroups(): Promise<string> {
  const { stdout } = await run('slurmctld', ['-V'], { env: { ...process.env, PATH: path } });
  const [, year = '0', month = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(year) > 23 || (Number(year) === 23 && Number(month) >= 2) ? 'disabled' : 'cgroup/v1';
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (await holds().catch(() => false)) return;
    await wait(200);
  }
  throw new Error(`${what} of the cluster did not start`);
}

/** By name, and by our folder in what they were started with: other clusters may run here. */
async function pidsOf(folder: string, name: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if (!(await read('comm')).startsWith(name)) continue;
    if (`${await read('cmdline')}\0${await read('environ')}`.includes(folder)) found.push(Number(pid));
  }
  return found;
}

async function stop(folder: string, munged: ChildProcess): Promise<void> {
  // Steps first: what they run would stay without them.
  for (const name of ['slurmstepd', 'slurmd', 'slurmctld']) {
    for (const pid of await pidsOf(folder, name)) {
      if (name === 'slurmstepd') for (const below of await descendants(pid)) end(below);
      end(pid);
    }
  }
  if (munged.exitCode === null) {
    munged.kill('SIGKILL');
    await once(munged, 'exit');
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  const below = await Promise.all(children.map(descendants));
  return [...children, ...below.flat()];
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
