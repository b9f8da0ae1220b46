// Slurm's commands: what is asked of sbatch, squeue and scancel, and what they answer.
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { ReseedError } from '../../errors.js';

/** A task of an array, as squeue tells of it. */
export interface SlurmTask {
  /** Name of its job. */
  readonly name: string;
  readonly job: string;
  readonly row: number;
  readonly state: string;
  readonly reason: string;
}

/** States of which nothing more is to be expected. */
const ended = new Set([
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
]);

export function isOver({ state }: SlurmTask): boolean {
  return ended.has(state);
}

/** Seconds that a command may take; a controller that restarts takes some. */
const patience = 30;

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly problem: string;
}

function ask(command: string, args: readonly string[], input = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { timeout: 1000 * patience, maxBuffer: 2 ** 28, encoding: 'utf8' },
      (error, out, problem) => {
        const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
        if (missing) {
          reject(
            new ReseedError('input.executor', 'there is no Slurm on this machine', {
              file: command,
              expected: 'the commands sbatch, squeue and scancel, as on a login node of the cluster',
            }),
          );
        } else resolve({ code: error ? Number(error.code ?? 1) || 1 : 0, out, problem: problem.trim() });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Tasks of this user whose jobs have such names, those that ended a while ago not among them. @throws where squeue fails */
export async function tasksNamed(prefix: string): Promise<SlurmTask[]> {
  const format = '%j|%F|%K|%T|%r';
  const args = [
    '--noheader',
    '--array',
    '--states=all',
    `--user=${userInfo().username}`,
    `--format=${format}`,
  ];
  const { code, out, problem } = await ask('squeue', args);
  if (code !== 0) throw new Error(problem || `squeue ended with code ${code}`);
  return out
    .split('\n')
    .map((line) => line.trim().split('|'))
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, job, row, state, reason]) => ({ name, job, row: Number(row), state, reason }));
}

/**
 * Submits an array.
 * @param script with its first line
 * @returns its id @throws input.executor with what sbatch says where it refuses; otherwise where the controller is away
 */
export async function submit(args: readonly string[], script: string): Promise<string> {
  const { code, out, problem } = await ask('sbatch', ['--parsable', ...args], script);
  if (code === 0) return out.trim().split(';')[0];
  const said = problem
    .replace(/^sbatch: /gm, '')
    .split('\n')
    .join(' ');
  if (/unable to contact|connection|timed out|temporarily/i.test(said)) throw new Error(said);
  throw new ReseedError('input.executor', 'Slurm refuses the tasks', {
    file: 'sbatch',
    found: said || `code ${code}`,
    expected:
      'a partition, account, time and memory that this cluster has: --partition, --account, --time, --memory',
  });
}

/** Ends all tasks of jobs with these names; the pending ones at once, the running ones after a word to stop. */
export async function cancelNamed(names: Iterable<string>): Promise<void> {
  for (const name of names) {
    await ask('scancel', [`--user=${userInfo().username}`, `--name=${name}`]).catch(() => undefined);
  }
}

/** Tasks that an array may have: its rows are below this. */
export async function mostRows(): Promise<number> {
  const { out } = await ask('scontrol', ['show', 'config']);
  const found = /^MaxArraySize\s*=\s*(\d+)/m.exec(out);
  return Math.max(1, (found ? Number(found[1]) : 1001) - 1);
}
