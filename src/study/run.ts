// Runs a study from its file to its report: activations, training, comparison, diagnosis, report.
import { siteId } from '../activations/transformer/index.js';
import type { Kernel } from '../kernel/interface.js';
import { encodeFeatures, featuresFile, type GroupFeatures } from '../report/feature-table.js';
import { renderReport } from '../report/render.js';
import { type Results, serializeResults } from '../report/results.js';
import { dModel } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import { version } from '../version.js';
import { assemble, type GroupOutcome } from './assemble.js';
import { loadStudy } from './config.js';
import { analysisCode, codeFingerprint, hashOf } from './fingerprint.js';
import { openStudyFolder, type StudyFolder } from './folder.js';
import { type FeatureKeeper, measureGroup, type SaeToMeasure } from './measure-group.js';
import { folderMemo } from './memo.js';
import { type PlannedGroup, planStudy } from './plan.js';
import { type Listener, StageMeter } from './progress.js';
import { openSource } from './sources.js';
import { encodeStability, readStability } from './stability-file.js';
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
    const kept = new Map<string, string>();
    for (const group of plan.groups) {
      const x = activations.get(siteId(group)) as Matrix;
      const saes = trained.get(group.id) as TrainedSae[];
      const scope = hashOf([analysis, saes.map(({ key }) => key), study.analysis.seed, plan.draws]);
      const file = folder.features(hashOf([scope, group.id]));
      const { measured, features } = await measureGroup(
        { id: group.id, saes: saes.map((one) => knownSae(stage, group, one)), x },
        {
          kernel,
          seed: study.analysis.seed,
          draws: plan.draws,
          // Nulls of directions depend on shapes alone: groups of one shape share them.
          memo: (key, compute) =>
            folderMemo(folder, key.startsWith('null/') ? analysis : scope)(key, compute),
          keepFeatures: featureKeeper(folder, file),
          onProgress: (part) => meter.at(part),
          ...work,
        },
      );
      if (features) kept.set(group.id, file);
      outcomes.push({ group, measured });
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
    await folder.write(featuresFile, encodeFeatures(featuresIn(kept)));
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

function knownSae({ plan, dSae }: TrainStage, { layer, site }: PlannedGroup, one: TrainedSae): SaeToMeasure {
  const { id, sae, initSeed, orderSeed, training } = one;
  return {
    id,
    sae,
    init: plan.training.recipe.init(initSeed, dModel(sae), dSae),
    origin: { format: 'saelens', path: `saes/${id}`, initSeed, orderSeed, layer, site },
    ...(training ? { training } : {}),
  };
}

function featureKeeper(folder: StudyFolder, file: string): FeatureKeeper {
  return async (compute) => {
    if (await folder.has(file)) return readStability(file);
    const features = await compute();
    if (features) await folder.write(file, encodeStability(features));
    return features;
  };
}

/** Read back one group at a time: all of them together may not fit into memory. */
async function* featuresIn(files: ReadonlyMap<string, string>): AsyncGenerator<GroupFeatures> {
  for (const [group, file] of files) yield { group, stability: await readStability(file) };
}
