// Fills the folder of a study by an executor: wave after wave of units, until everything is there that results are assembled from.
import type { Listener } from '../../compare/progress.js';
import { StageMeter } from '../../compare/progress.js';
import { ReseedError } from '../../errors.js';
import type { StudyFolder } from '../folder.js';
import { clearAttempts } from '../units/attempts.js';
import { askToStop, type Job, storeId, takeBackStop, writeJob } from '../units/job.js';
import { type Unit, unitKinds, wavesOf } from '../units/unit.js';
import { type UnitFailure, UnitStore } from '../units/unit-store.js';
import { type Executor, withoutThoseThatNeed } from './executor.js';

export interface FillOptions {
  readonly folder: StudyFolder;
  readonly what: Job['what'];
  readonly kernel: string;
  readonly units: readonly Unit[];
  readonly executor: Executor;
  /** Program and first arguments of reseed's command line. */
  readonly command: readonly string[];
  readonly listen: Listener;
  readonly signal?: AbortSignal;
  /** Whether what a unit makes is there, however it came there; undefined where that does not show. */
  readonly isMade?: (unit: Unit) => Promise<boolean | undefined>;
}

/**
 * Has all units done that are not.
 * @throws internal.unit, input.executor naming what failed, once everything else is done; internal.cancelled
 */
export async function fillStore(options: FillOptions): Promise<void> {
  const { folder, what, kernel, units, executor, listen, signal } = options;
  const store = new UnitStore(folder);
  const id = await storeId(folder);
  await takeBackStop(folder);
  await clearAttempts(folder);
  await store.forgive(units.map(({ key }) => key));
  await writeJob(folder, { what, kernel, units: wavesOf(units).flat() });
  const open = await openUnits(options, store);
  const detail = `${units.length} units, ${units.length - open.length} of them done, by ${executor.name}`;
  listen({ type: 'stage', stage: 'units', detail });
  const meter = new StageMeter(listen, 'units', Math.max(sum(open), Number.MIN_VALUE));
  const failures: UnitFailure[] = [];
  const feasible = () =>
    withoutThoseThatNeed(
      failures.map(({ key }) => key),
      open,
    );
  try {
    for (const kind of executor.inWaves ? unitKinds : [undefined]) {
      const given = feasible().filter(({ work }) => kind === undefined || work.kind === kind);
      if (given.length === 0) continue;
      const failed = await executor.run(given, {
        store,
        storeId: id,
        command: options.command,
        kernel,
        ...(signal ? { signal } : {}),
        onEvent(event) {
          if (event.type === 'note') listen(event);
          else meter.advance(event.unit.label, event.unit.seconds);
        },
      });
      failures.push(...failed);
    }
  } catch (error) {
    await askToStop(folder);
    throw error;
  } finally {
    await clearAttempts(folder);
  }
  if (failures.length > 0) throw failed(folder, units.length, failures, open.length - feasible().length);
}

/** Those that are not done, in their order. */
async function openUnits({ units, isMade }: FillOptions, store: UnitStore): Promise<Unit[]> {
  const open: Unit[] = [];
  for (const unit of units) {
    const made = await isMade?.(unit);
    const record = await store.isDone(unit.key);
    if (made === true && !record) await store.publish(earlier(unit));
    if (made === false && record) await store.forget(unit.key);
    if (!(made ?? record)) open.push(unit);
  }
  return open;
}

/** Of what a run without units has made. */
function earlier({ key, label }: Unit) {
  const at = new Date().toISOString();
  return { key, label, made: {}, attempt: 'an earlier run', host: '', seconds: 0, at };
}

function sum(units: readonly Unit[]): number {
  return units.reduce((all, { seconds }) => all + seconds, 0);
}

function failed(
  folder: StudyFolder,
  all: number,
  failures: readonly UnitFailure[],
  waiting: number,
): ReseedError {
  const [first, ...others] = failures;
  const more = others.map(({ label }) => label).join(', ');
  const bad = failures.some(({ exit }) => exit === 2 || exit === 3);
  return new ReseedError(
    bad ? 'input.executor' : 'internal.unit',
    `${failures.length} of ${all} units failed; everything that needs none of them is done`,
    {
      file: folder.root,
      field: first.label,
      found: `${first.message} (on ${first.host})${more ? `; also ${more}` : ''}`,
      expected: `a cure; then the same command does these${waiting > 0 ? ` and the ${waiting} that need them` : ''}`,
    },
  );
}
