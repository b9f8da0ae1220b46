// One attempt at a unit, from its first event to its last: what every worker does, whoever started it.
import { readFile } from 'node:fs/promises';
import { ReseedError } from '../../errors.js';
import { Attempt } from './attempts.js';
import { stopFile } from './job.js';
import type { Unit } from './unit.js';
import type { Made, UnitStore } from './unit-store.js';

export interface UnitWorkHooks {
  readonly signal?: AbortSignal;
  readonly onProgress: (share: number, text: string) => void;
}

/** @param own folder of the attempt */
export type DoUnit = (unit: Unit, own: string, hooks: UnitWorkHooks) => Promise<Made>;

/**
 * Does a unit that is not done yet. `known`: it was done before, or somebody was quicker and made the same.
 * @throws input.file where a unit that it needs is not done; what the work throws, which is recorded; internal.cancelled
 */
export async function workOnUnit(
  store: UnitStore,
  unit: Unit,
  work: DoUnit,
  signal?: AbortSignal,
): Promise<'done' | 'known'> {
  if (await store.isDone(unit.key)) return 'known';
  await requireNeeds(store, unit);
  const attempt = new Attempt(store.folder, { ...unit, kind: unit.work.kind });
  await attempt.begin();
  try {
    const made = await work(unit, attempt.folder, {
      ...(signal ? { signal } : {}),
      onProgress: (share, text) => void attempt.tell({ event: 'progress', share, text }),
    });
    const first = await store.publish({
      key: unit.key,
      label: unit.label,
      made,
      attempt: attempt.id,
      host: attempt.host,
      seconds: attempt.seconds,
      at: new Date().toISOString(),
    });
    await attempt.tell({ event: first ? 'done' : 'known', seconds: attempt.seconds });
    return first ? 'done' : 'known';
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ReseedError && error.code === 'internal.cancelled') {
      await attempt.tell({ event: 'stopped', seconds: attempt.seconds });
    } else {
      const exit = error instanceof ReseedError ? error.exitCode : 4;
      await store.fail(unit, { message, exit, attempt: attempt.id }).catch(() => undefined);
      await attempt.tell({ event: 'failed', text: message, seconds: attempt.seconds });
    }
    throw error;
  } finally {
    await attempt.end();
  }
}

async function requireNeeds(store: UnitStore, { needs, label }: Unit): Promise<void> {
  for (const need of needs) {
    if (await store.isDone(need)) continue;
    throw new ReseedError('input.file', 'a unit that this one needs is not done', {
      file: store.folder.root,
      field: label,
      found: `no .work/units/${need}.json`,
      expected: 'the waves of units one after the other, in the order in which they are listed',
    });
  }
}

/**
 * Calls `stop` once workers are asked to stop. A request that is there already was meant for others.
 * @returns ends the watch
 */
export async function watchForStop(store: UnitStore, stop: () => void): Promise<() => void> {
  const file = stopFile(store.folder);
  const request = () => readFile(file, 'utf8').catch(() => '');
  const before = await request();
  const timer = setInterval(async () => {
    const text = await request();
    if (text !== '' && text !== before) stop();
  }, 1000);
  timer.unref();
  return () => clearInterval(timer);
}
