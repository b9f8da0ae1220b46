// Runs a study from its file to its report: activations, training, comparison, diagnosis, report.

import { type Listener, StageMeter } from '../compare/progress.js';
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import { encodeExamples, examplesFile } from '../report/example-table.js';
import { encodeFeatures, featuresFile } from '../report/feature-table.js';
import { renderReport } from '../report/render.js';
import { serializeResults } from '../report/serialize-results.js';
import type { Results } from '../results/results.js';
import { version } from '../version.js';
import { assemble } from './assemble.js';
import { compareAll } from './compare-stage.js';
import { loadStudy } from './config.js';
import { agreeAll } from './consensus-stage.js';
import { studyExamples } from './examples.js';
import { fillStudy, type RunUnits } from './executors/fill-study.js';
import { openStudyFolder, StudyFolder } from './folder.js';
import { knownHashes } from './known-hashes.js';
import { distinctSites, type Plan, planStudy } from './plan.js';
import { type ActivationSource, type ActivationsOf, openSource } from './sources/index.js';
import { trainAll } from './train-all.js';
import type { TrainStage } from './train-stage.js';

export interface RunOptions {
  /** The study file. */
  readonly file: string;
  /** The output folder. */
  readonly out: string;
  readonly quick?: boolean;
  /** Reads files of activations again, even those that look unchanged. */
  readonly rehash?: boolean;
  readonly kernel: Kernel;
  readonly listen?: Listener;
  /** Whether somebody watches: then `epoch` events say how many features are dead. */
  readonly watched?: boolean;
  readonly signal?: AbortSignal;
  /** Has the units of the study worked on elsewhere; absent: all is done in this process. */
  readonly units?: RunUnits;
}

/**
 * Runs a study, going on from whatever an earlier run left in the folder, and writes results and report. Undefined where
 * its stages end before there are results.
 * The results depend on the study, its seeds and the kernel alone, but for `createdAt`.
 * @throws input.config, input.file, input.locked, internal.cancelled, internal.control
 */
export async function runStudy(options: RunOptions): Promise<Results | undefined> {
  const { file, out, kernel, quick = false, rehash = false, units } = options;
  const { listen = () => {}, watched = false, signal } = options;
  const study = await loadStudy(file);
  const plan = planStudy(study, quick);
  const sites = plan.groups.map(({ site }) => site);
  const fileHash = knownHashes({ folder: new StudyFolder(out).hashes, distrust: rehash });
  const source = await openSource(study.activations, sites, file, fileHash);
  const folder = await openStudyFolder(out);
  const lost = new AbortController();
  const unlock = await folder.lock(() => lost.abort());
  try {
    const whole = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal;
    const base = { plan, source, folder, kernel, listen, watched, signal: whole };
    const stage: TrainStage = { ...base, activations: await loadActivations(base) };
    if (units) await fillStudy(stage, study, options, units);
    const trained = await trainAll(stage);
    if (!plan.stages.includes('compare')) return undefined;
    const compared = await compareAll(stage, trained, study.analysis.seed);
    if (!plan.stages.includes('diagnose')) return undefined;
    const results = assemble({
      study,
      plan,
      outcomes: compared.outcomes,
      reseed: { version, kernel: kernel.id, threads: kernel.threads },
      createdAt: new Date().toISOString(),
    });
    listen({ type: 'stage', stage: 'report', detail: folder.root });
    await folder.write(featuresFile, encodeFeatures(compared.features()));
    if (source.tokens) {
      const examples = studyExamples(stage, trained, source.tokens, study.analysis.seed);
      await folder.write(examplesFile, encodeExamples(examples));
    }
    await folder.write('results.json', serializeResults(results));
    if (plan.stages.includes('report')) await writeReport(folder, results);
    if (study.consensus) await agreeAll(stage, trained, study.consensus, study.analysis.seed);
    return results;
  } catch (cause) {
    throw lost.signal.aborted ? takenAway(folder.root, cause) : cause;
  } finally {
    await unlock();
  }
}

function takenAway(file: string, cause: unknown): ReseedError {
  return new ReseedError('input.locked', 'another run has taken this folder while this one stood still', {
    file,
    expected: 'one run at a time in a folder',
    cause,
  });
}

async function loadActivations({
  plan,
  source,
  folder,
  listen,
  signal,
}: {
  readonly plan: Plan;
  readonly source: ActivationSource;
  readonly folder: StudyFolder;
  readonly listen: Listener;
  readonly signal?: AbortSignal;
}): Promise<ActivationsOf> {
  const sites = distinctSites(plan, source);
  listen({
    type: 'stage',
    stage: 'activations',
    detail: sites.length === 1 ? '1 site' : `${sites.length} sites`,
  });
  const meter = new StageMeter(listen, 'activations', 100);
  let told = 0;
  return source.load(sites, folder, {
    ...(signal ? { signal } : {}),
    onProgress(share) {
      const done = Math.round(100 * share);
      meter.advance('loading', done - told);
      told = done;
    },
  });
}

async function writeReport(folder: StudyFolder, results: Results): Promise<void> {
  for (const { path, bytes } of await renderReport(results)) await folder.write(path, bytes);
}
