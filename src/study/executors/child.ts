// A process that works on one unit, and what its end says.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Unit } from '../units/unit.js';
import type { ExecutorRun } from './executor.js';

/** What the command line ends with when it was asked to stop. */
export const interrupted = 130;

export interface ChildEnd {
  /** 0: the unit is done. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of what it said. */
  readonly said: string;
}

export interface ChildOptions {
  readonly threads: number;
  /** Whether it stops when this process ends. */
  readonly bound?: boolean;
}

type Start = Pick<ExecutorRun, 'store' | 'storeId' | 'command' | 'kernel'>;

/** Starts it in a process group of its own, so that Ctrl-C reaches this process alone, which then decides. */
export function startChild(
  { store, storeId, command, kernel }: Start,
  { key }: Pick<Unit, 'key'>,
  { threads, bound = false }: ChildOptions,
): { readonly child: ChildProcess; readonly end: Promise<ChildEnd> } {
  const [program, ...first] = command;
  const own = ['--unit', key, '--store', storeId, '--threads', String(threads), '--kernel', kernel];
  const child = spawn(program, [...first, 'work', store.folder.root, ...own], {
    stdio: ['ignore', 'ignore', 'pipe', ...(bound ? (['ipc'] as const) : [])],
    detached: true,
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2000);
  });
  const end = once(child, 'close')
    .then(([code, signal]) => ({ code, signal, said }) as ChildEnd)
    .catch((error: Error) => ({ code: null, signal: null, said: error.message }));
  return { child, end };
}

/** Records a failure where the process has ended without a result and without a word of its own. */
export async function recordEnd(
  { store }: Pick<ExecutorRun, 'store'>,
  unit: Unit,
  before: number,
  { code, signal, said }: ChildEnd,
): Promise<void> {
  if ((await store.isDone(unit.key)) || (await store.failures(unit.key)).length > before) return;
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const last = said.trim().split('\n').at(-1) ?? '';
  // It refused before it began: usage and input errors are for good.
  const exit = code === 2 || code === 3 ? { exit: code } : {};
  await store.fail(unit, {
    message: `its process ${how} without a result${last ? `: ${last}` : ''}`,
    ...exit,
    attempt: `parent.${process.pid}.${randomBytes(4).toString('hex')}`,
  });
}
