// The job of a folder: what is to be done in it, cut into units, as every worker reads it.
//
// `.work/job.json` is written by the driver and names the version that wrote it: a worker of another version would give results
// that are kept under other names, or none at all, so it refuses. `.work/store-id` proves that two machines see one folder.
import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReseedError } from '../../errors.js';
import { measuringVersions } from '../../evidence/versions.js';
import { fileError, writeFileAtomic } from '../../formats/atomic-write.js';
import { makeFolder } from '../../formats/make-folder.js';
import { architectures } from '../../training/architectures/registry.js';
import { recipes } from '../../training/recipes/registry.js';
import { version } from '../../version.js';
import type { StudyFolder } from '../folder.js';
import { hashOf } from '../hash-of.js';
import { loopVersion } from '../training-versions.js';
import type { Unit } from './unit.js';

export interface StudyJob {
  readonly kind: 'study';
  /** Absolute: paths in the study are relative to its folder. */
  readonly file: string;
  /** The study as it was when the driver read it. */
  readonly text: string;
  readonly quick: boolean;
}

export interface CompareJob {
  readonly kind: 'compare';
  /** The folder that paths are relative to. */
  readonly cwd: string;
  readonly saes: readonly string[];
  /** Options of the command that say how SAEs and activations are read. */
  readonly flags: object;
  readonly seed: number;
  readonly draws: number;
}

export interface Job {
  readonly schema: 'reseed/job/1';
  readonly version: string;
  /** Hash of the versions of all that computes. */
  readonly code: string;
  readonly what: StudyJob | CompareJob;
  /** Which kernel workers take. */
  readonly kernel: string;
  readonly units: readonly Unit[];
}

/** Changes whenever any result may. */
export const codeVersion: string = hashOf([
  version,
  measuringVersions,
  loopVersion,
  Object.values(architectures).map(({ name, version: own }) => [name, own]),
  Object.entries(recipes).map(([name, { version: own }]) => [name, own]),
]).slice(0, 16);

export function jobFile(folder: StudyFolder): string {
  return join(folder.work, 'job.json');
}

export async function writeJob(
  folder: StudyFolder,
  job: Omit<Job, 'schema' | 'version' | 'code'>,
): Promise<void> {
  const whole: Job = { schema: 'reseed/job/1', version, code: codeVersion, ...job };
  await folder.write(jobFile(folder), `${JSON.stringify(whole)}\n`);
}

/** @throws input.file where the folder has no job, or one of another version */
export async function readJob(folder: StudyFolder): Promise<Job> {
  const file = jobFile(folder);
  let job: Job;
  try {
    job = JSON.parse(await readFile(file, 'utf8')) as Job;
  } catch (cause) {
    throw new ReseedError('input.file', 'the folder holds no work to take', {
      file: folder.root,
      expected:
        'a folder that `run --executor`, `compare --executor` or `run --units` has written .work/job.json into',
      cause,
    });
  }
  if (job.version === version && job.code === codeVersion) return job;
  throw new ReseedError('input.file', 'the work is of another version of reseed', {
    file,
    found: `${job.version} (${job.code})`,
    expected: `${version} (${codeVersion}), as this worker is`,
  });
}

export function unitOf(job: Job, key: string): Unit {
  const unit = job.units.find((one) => one.key === key);
  if (unit) return unit;
  throw new ReseedError('usage.argument', 'the folder has no such unit', {
    field: '--unit',
    found: key,
    expected: `one of the ${job.units.length} keys in .work/job.json`,
  });
}

/** The name of the folder, whatever path leads to it; made where it has none. */
export async function storeId(folder: StudyFolder): Promise<string> {
  const file = join(folder.work, 'store-id');
  const own = `${file}.${randomBytes(6).toString('hex')}.new`;
  const known = await readStoreId(folder);
  if (known) return known;
  await makeFolder(folder.work);
  try {
    await writeFile(own, `${randomBytes(16).toString('hex')}\n`);
    await link(own, file).catch((cause) => {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    });
  } catch (cause) {
    throw fileError(file, 'write', cause);
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
  return (await readStoreId(folder)) as string;
}

async function readStoreId(folder: StudyFolder): Promise<string | undefined> {
  const text = await readFile(join(folder.work, 'store-id'), 'utf8').catch(() => '');
  return /^[0-9a-f]{32}$/.test(text.trim()) ? text.trim() : undefined;
}

/** @throws input.file where this machine sees another folder than the driver, or none */
export async function requireStore(folder: StudyFolder, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const found = await readStoreId(folder);
  if (found === id) return;
  throw new ReseedError(
    'input.file',
    'this machine sees another folder than the run that gave the work out',
    {
      file: folder.root,
      found: found ?? 'no .work/store-id',
      expected: `${id}: the same folder, on a file system that both share`,
    },
  );
}

/** Written when the driver was stopped: workers look at it. */
export function stopFile(folder: StudyFolder): string {
  return join(folder.work, 'stop');
}

export async function askToStop(folder: StudyFolder): Promise<void> {
  await writeFileAtomic(stopFile(folder), `${new Date().toISOString()}\n`).catch(() => undefined);
}

export async function takeBackStop(folder: StudyFolder): Promise<void> {
  await rm(stopFile(folder), { force: true });
}
