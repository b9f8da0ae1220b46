// Services for the tests of executors, each in a folder of its own, on loopback, and ended with the test: Redis and PostgreSQL.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Service {
  readonly url: string;
  readonly pid: number;
  /** Ends it by a signal, and waits until it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, with what it has on disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether Debian's package is there. */
export const hasRedis = has('redis-server');

const postgresBin = newest('/usr/lib/postgresql');
export const hasPostgres = postgresBin !== undefined;

function has(command: string): boolean {
  const places = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  return places.some((place) => existsSync(join(place, command)));
}

function newest(root: string): string | undefined {
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(root, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  return found;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`a service ended with code ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await wait(100);
  }
  throw new Error('a service does not listen');
}

interface Started {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  start(): ChildProcess;
  ready?(): Promise<void>;
}

async function serviceOf({ url, port, folder, start, ready }: Started): Promise<Service> {
  let child = start();
  const up = async () => {
    await untilListening(port, child);
    await ready?.();
  };
  await up();
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    url,
    get pid() {
      return child.pid as number;
    },
    kill,
    async restart() {
      child = start();
      await up();
    },
    async stop() {
      await kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-redis-'));
  const port = await freePort();
  const all = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const start = () => spawn('redis-server', args, { stdio: 'ignore' });
  return serviceOf({ url: `redis://127.0.0.1:${port}`, port, folder, start });
}

export async function startPostgres(): Promise<Service> {
  const bin = postgresBin as string;
  const folder = await mkdtemp(join(tmpdir(), 'reseed-postgres-'));
  const port = await freePort();
  // It refuses to run as root.
  const root = process.getuid?.() === 0;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const who = root ? { uid: id('-u'), gid: id('-g') } : {};
  if (root) chownSync(folder, who.uid as number, who.gid as number);
  const data = join(folder, 'data');
  const options = ['-A', 'trust', '-U', 'reseed', '--no-sync', '--no-instructions'];
  execFileSync(join(bin, 'initdb'), ['-D', data, ...options], { stdio: 'ignore', cwd: folder, ...who });
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
  ];
  const start = () => spawn(join(bin, 'postgres'), args, { stdio: 'ignore', cwd: folder, ...who });
  const url = `postgres://reseed@127.0.0.1:${port}/postgres`;
  const ready = async () => {
    const { default: pg } = await import('pg');
    for (let tries = 0; tries < 100; tries++) {
      const client = new pg.Client({ connectionString: url });
      const open = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end().catch(() => {});
      if (open) return;
      await wait(100);
    }
  };
  return serviceOf({ url, port, folder, start, ready });
}
