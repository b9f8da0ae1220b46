// Runs a study from its file to its report: activations, training, comparison, diagnosis, report.
import { siteId } from '../activations/transformer/index.js';
import { diagnose } from '../diagnosis/diagnose.js';
import { examine } from '../diagnosis/examine.js';
import type { Kernel } from '../kernel/interface.js';
import { renderReport } from '../report/render.js';
import { type Results, serializeResults } from '../report/results.js';
import { encode } from '../sae/sae.js';
import type { Member } from '../similarity/metric.js';
import type { Matrix } from '../tensor/matrix.js';
import { version } from '../version.js';
import { assemble, type GroupOutcome } from './assemble.js';
import { loadStudy } from './config.js';
import { analysisCode, codeFingerprint, hashOf } from './fingerprint.js';
import { openStudyFolder } from './folder.js';
import { folderMemo } from './memo.js';
import { planStudy } from './plan.js';
import { type Listener, StageMeter } from './progress.js';
import { openSource } from './sources.js';
import { finishedSaes, type TrainedSae, type TrainStage, trainGroup } from './train-stage.js';

export interface RunOptions {
  /** The study file. */
  readonly file: string;
  /** The output folder. */
  readonly out: string;
  readonly quick?: boolean;
  readonly kernel: Kernel;
  readonly listen?: Listener;
  readonly signal?: AbortSignal;
}

/**
 * Runs a study, going on from whatever an earlier run of it left in the folder, and writes results and report.
 * The results depend on the study, its seeds and the kernel alone, but for `createdAt`.
 * @throws input.config, input.file, input.locked, internal.cancelled, internal.control
 */
export async function runStudy(options: RunOptions): Promise<Results> {
  const { file, out, kernel, quick = false, listen = () => {}, signal } = options;
  const study = await loadStudy(file);
  const plan = planStudy(study, quick);
  const source = await openSource(study, file);
  const folder = await openStudyFolder(out);
  const unlock = await folder.lock();
  try {
    const work = signal ? { signal } : {};
    const sites = plan.groups.map(({ layer, site }) => ({ layer, site }));
    listen({ type: 'stage', stage: 'activations', detail: `${sites.length} sites` });
    const activations = await source.load(sites, folder, {
      ...work,
      onProgress: (share) =>
        listen({
          type: 'progress',
          stage: 'activations',
          item: 'forward pass',
          done: Math.round(100 * share),
          total: 100,
        }),
    });

    const stage: TrainStage = {
      plan,
      dSae: study.sae.dSae,
      sourceKey: source.key,
      folder,
      kernel,
      listen,
      ...work,
    };
    const trained = await trainAll(stage, activations);

    const analysis = `${analysisCode.join()}:${codeFingerprint(analysisCode)}:${kernel.id}`;
    const outcomes: GroupOutcome[] = [];
    listen({ type: 'stage', stage: 'comparison', detail: `${plan.groups.length} groups` });
    const meter = new StageMeter(listen, 'comparison', plan.groups.length);
    for (const group of plan.groups) {
      const x = activations.get(siteId(group)) as Matrix;
      const saes = trained.get(group.id) as TrainedSae[];
      const scope = hashOf([analysis, saes.map(({ key }) => key), study.analysis.seed, plan.draws]);
      meter.at(`${group.id}, encoding`);
      const members = await membersOf(stage, saes, x);
      const evidence = await examine(
        { id: group.id, members, x },
        {
          kernel,
          seed: study.analysis.seed,
          draws: plan.draws,
          // Nulls of directions depend on shapes alone: groups of one shape share them.
          memo: (key, compute) =>
            folderMemo(folder, key.startsWith('null/') ? analysis : scope)(key, compute),
          onProgress: (part) => meter.at(part),
          ...work,
        },
      );
      outcomes.push({ group, trained: saes, evidence, diagnosis: diagnose(evidence) });
      meter.advance(group.id);
    }

    listen({ type: 'stage', stage: 'report', detail: folder.root });
    const results = assemble({
      study,
      plan,
      outcomes,
      reseed: { version, kernel: kernel.id, threads: kernel.threads },
      createdAt: new Date().toISOString(),
    });
    await folder.write('results.json', serializeResults(results));
    for (const { path, bytes } of await renderReport(results)) await folder.write(path, bytes);
    return results;
  } finally {
    await unlock();
  }
}

/** Two groups train at a time, so that threads are not left idle while one of them finishes an epoch. */
const groupsAtATime = 2;

async function trainAll(
  stage: TrainStage,
  activations: ReadonlyMap<string, Matrix>,
): Promise<Map<string, TrainedSae[]>> {
  const { groups, training } = stage.plan;
  const finished = new Map<string, Map<string, TrainedSae>>();
  for (const group of groups) finished.set(group.id, await finishedSaes(stage, group));
  const done = [...finished.values()].reduce((sum, some) => sum + some.size, 0);
  const all = groups.reduce((sum, { saes }) => sum + saes.length, 0);
  const detail = `${all} SAEs${done > 0 ? `, ${done} of them from an earlier run` : ''}`;
  stage.listen({ type: 'stage', stage: 'training', detail });
  const meter = new StageMeter(stage.listen, 'training', all * training.epochs, done * training.epochs);
  const trained = new Map<string, TrainedSae[]>();
  const queue = [...groups];
  const work = async (): Promise<void> => {
    for (let group = queue.shift(); group; group = queue.shift()) {
      const x = activations.get(group.id) as Matrix;
      trained.set(group.id, await trainGroup(stage, group, x, finished.get(group.id)!, meter));
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: groupsAtATime }, work));
  const failed = workers.find((w) => w.status === 'rejected');
  if (failed) throw failed.reason;
  return trained;
}

async function membersOf(
  { kernel, plan, dSae, signal }: TrainStage,
  saes: readonly TrainedSae[],
  x: Matrix,
): Promise<Member[]> {
  const members: Member[] = [];
  for (const { id, sae, initSeed } of saes) {
    const codes = await encode(sae, x, kernel, signal ? { signal } : {});
    members.push({ id, sae, init: plan.training.recipe.init(initSeed, x.cols, dSae), codes });
  }
  return members;
}
