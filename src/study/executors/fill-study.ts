// The units of a study given to its executor, from inside a run that has the folder.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';
import type { KernelChoice } from '../../kernel/select.js';
import { isMeasured } from '../compare-stage.js';
import type { ExecutorSettings } from '../config/executor.js';
import type { Study } from '../config.js';
import { whereIs } from '../sae-store.js';
import { saeKeys, type TrainStage } from '../train-stage.js';
import type { StudyJob } from '../units/job.js';
import { planUnits, usualBundle } from '../units/plan-units.js';
import { clearTraining } from '../units/train-unit.js';
import type { Unit } from '../units/unit.js';
import { fillStore } from './fill-store.js';
import { cpusOf, openExecutor } from './open-executor.js';

export interface RunUnits {
  /** What the command line says, over what the study file says. */
  readonly settings: Partial<ExecutorSettings>;
  /** Program and first arguments of reseed's command line. */
  readonly command: readonly string[];
  /** Which kernel workers take. */
  readonly kernel: KernelChoice;
}

/** What the study file says, and over that the command line. @throws usage.argument where neither names an executor */
export function executorSettings(study: Study, said: Partial<ExecutorSettings>): ExecutorSettings {
  const name = said.name ?? study.executor?.name;
  if (name !== undefined) return { ...study.executor, ...said, name };
  throw new ReseedError('usage.argument', 'no executor is named', {
    field: '--executor',
    expected: 'local, slurm or bullmq; or executor: { name: … } in the study file',
  });
}

export function unitsOfStudy(
  stage: Pick<TrainStage, 'plan' | 'source'>,
  study: Study,
  settings: ExecutorSettings,
): Unit[] {
  const { seed } = study.analysis;
  return planUnits(stage, { seed, cpus: cpusOf(settings), bundleSeconds: settings.bundle ?? usualBundle });
}

export async function studyJob(file: string, quick: boolean): Promise<StudyJob> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw fileError(file, 'read', cause);
  });
  return { kind: 'study', file: resolve(file), text, quick };
}

/** @throws as `fillStore` */
export async function fillStudy(
  stage: TrainStage,
  study: Study,
  { file, quick = false }: { readonly file: string; readonly quick?: boolean },
  { settings: said, command, kernel }: RunUnits,
): Promise<void> {
  const settings = executorSettings(study, said);
  const units = unitsOfStudy(stage, study, settings);
  const keys = saeKeys(stage);
  const { folder, listen, signal } = stage;
  await fillStore({
    folder,
    what: await studyJob(file, quick),
    kernel,
    units,
    executor: openExecutor(settings),
    command,
    listen,
    ...(signal ? { signal } : {}),
    isMade: (unit) => isMade(stage, unit, study.analysis.seed),
  });
  await clearTraining(stage, keys.values());
}

/** SAEs and features of a group show in the folder; scores lie there by what they were computed from. */
async function isMade(stage: TrainStage, { work }: Unit, seed: number): Promise<boolean | undefined> {
  const group = stage.plan.groups.find(({ id }) => id === work.group);
  if (work.kind === 'group' && group) return (await isMeasured(stage, group, seed)) || undefined;
  if (work.kind !== 'train') return undefined;
  const keys = saeKeys(stage);
  const wanted = new Map(work.saes.map((id) => [id, keys.get(id) as string]));
  return (await whereIs(stage.folder, wanted)).size === wanted.size;
}
