// Writes the units of a study into its folder for workers that something else starts: Kubernetes, AWS Batch, PBS, xargs.
import type { Listener } from '../../compare/progress.js';
import type { KernelChoice } from '../../kernel/select.js';
import type { ExecutorSettings } from '../config/executor.js';
import { loadStudy } from '../config.js';
import { openStudyFolder, StudyFolder } from '../folder.js';
import { knownHashes } from '../known-hashes.js';
import { distinctSites, planStudy } from '../plan.js';
import { openSource } from '../sources/index.js';
import { storeId, takeBackStop, writeJob } from '../units/job.js';
import { type Unit, wavesOf } from '../units/unit.js';
import { studyJob, unitsOfStudy } from './fill-study.js';

export interface WriteUnitsOptions {
  readonly file: string;
  readonly out: string;
  readonly quick?: boolean;
  readonly settings: Partial<ExecutorSettings>;
  readonly choice: KernelChoice;
  readonly listen: Listener;
}

/** In the order of their rows. Activations are made ready, so that no worker has to. @throws as `runStudy` */
export async function writeUnits(options: WriteUnitsOptions): Promise<Unit[]> {
  const { file, out, quick = false, settings, choice, listen } = options;
  const study = await loadStudy(file);
  const plan = planStudy(study, quick);
  const sites = plan.groups.map(({ site }) => site);
  const fileHash = knownHashes({ folder: new StudyFolder(out).hashes });
  const source = await openSource(study.activations, sites, file, fileHash);
  const folder = await openStudyFolder(out);
  const unlock = await folder.lock();
  try {
    const wanted = distinctSites(plan, source);
    listen({ type: 'stage', stage: 'activations', detail: `${wanted.length} sites` });
    await source.load(wanted, folder, {});
    const said: ExecutorSettings = { name: 'slurm', ...study.executor, ...settings };
    const units = wavesOf(unitsOfStudy({ plan, source }, study, said)).flat();
    await storeId(folder);
    await takeBackStop(folder);
    await writeJob(folder, { what: await studyJob(file, quick), kernel: choice, units });
    return units;
  } finally {
    await unlock();
  }
}
