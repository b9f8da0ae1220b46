// The training stage: every SAE of a group, from where the last run left it, to its checkpoint.
import { rm } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import { openSae } from '../sae/open-sae.js';
import type { Sae } from '../sae/sae.js';
import { encodeSaelens, saelensFiles } from '../sae/sources/saelens-write.js';
import type { TrainingRecord } from '../similarity/metric.js';
import type { Matrix } from '../tensor/matrix.js';
import { type TrainingRun, train } from '../training/loop.js';
import { encodeSnapshot, readSnapshot, startState, weightsOf } from '../training/state.js';
import { codeFingerprint, hashOf, trainingCode } from './fingerprint.js';
import type { StudyFolder } from './folder.js';
import type { Plan, PlannedGroup, PlannedSae } from './plan.js';
import type { Listener, StageMeter } from './progress.js';
import { trainingRecord } from './training-record.js';

/** A snapshot is written when this much time has gone by since the last: what a kill can cost. */
const snapshotEverySeconds = 4;

export interface TrainedSae extends PlannedSae {
  readonly sae: Sae;
  /** Hash of everything that the weights depend on. */
  readonly key: string;
  /** Absent where the checkpoint does not record it. */
  readonly training?: TrainingRecord;
}

export interface TrainStage {
  readonly plan: Plan;
  readonly dSae: number;
  /** Key of the activations' source. */
  readonly sourceKey: string;
  readonly folder: StudyFolder;
  readonly kernel: Kernel;
  readonly listen: Listener;
  readonly signal?: AbortSignal;
}

/** Key of an SAE: the same key, the same bytes. Threads are not in it, because they change nothing. */
export function saeKey(
  { plan, dSae, sourceKey, kernel }: TrainStage,
  group: PlannedGroup,
  sae: PlannedSae,
): string {
  const { recipe, ...training } = plan.training;
  return hashOf({
    code: codeFingerprint(trainingCode),
    kernel: kernel.id,
    source: sourceKey,
    site: group.id,
    dSae,
    recipe: recipe.name,
    ...training,
    initSeed: sae.initSeed,
    orderSeed: sae.orderSeed,
  });
}

/** The SAEs of a group that need no more training. */
export async function finishedSaes(stage: TrainStage, group: PlannedGroup): Promise<Map<string, TrainedSae>> {
  const finished = new Map<string, TrainedSae>();
  for (const planned of group.saes) {
    const folder = stage.folder.saeFolder(planned.id);
    if (!(await stage.folder.has(`${folder}/${saelensFiles.config}`))) continue;
    const key = saeKey(stage, group, planned);
    const { sae, record } = await openSae(folder);
    if (record['key'] !== key) continue;
    const training = trainingRecord(record);
    finished.set(planned.id, { ...planned, sae, key, ...(training ? { training } : {}) });
  }
  return finished;
}

/** Trains what is not finished, on activations X [N×d], and writes each checkpoint. In the order of the plan. */
export async function trainGroup(
  stage: TrainStage,
  group: PlannedGroup,
  x: Matrix,
  finished: ReadonlyMap<string, TrainedSae>,
  meter: StageMeter,
): Promise<TrainedSae[]> {
  const { plan, folder, kernel, signal } = stage;
  const missing = group.saes.filter(({ id }) => !finished.has(id));
  const runs = await Promise.all(missing.map((sae) => resume(stage, group, sae, x.cols)));
  let saved = performance.now();
  const save = async (some: readonly TrainingRun[]): Promise<void> => {
    for (const run of some) {
      const planned = missing.find(({ id }) => id === run.id) as PlannedSae;
      await folder.write(folder.snapshot(run.id), encodeSnapshot(run.state, saeKey(stage, group, planned)));
    }
    saved = performance.now();
  };
  await train(x, runs, plan.training, kernel, {
    ...(signal ? { signal } : {}),
    async onEpoch(some, epoch) {
      const loss = some.reduce((sum, { state }) => sum + state.losses[epoch - 1], 0) / some.length;
      meter.advance(
        `${group.id}, epoch ${epoch}/${plan.training.epochs}, loss ${loss.toPrecision(4)}`,
        some.length,
      );
      if (signal?.aborted || performance.now() - saved > 1000 * snapshotEverySeconds) await save(some);
    },
  });
  const trained = new Map(finished);
  for (const [i, run] of runs.entries()) {
    const planned = missing[i];
    trained.set(planned.id, await writeCheckpoint(stage, group, planned, run));
  }
  return group.saes.map(({ id }) => trained.get(id) as TrainedSae);
}

async function resume(
  stage: TrainStage,
  group: PlannedGroup,
  sae: PlannedSae,
  d: number,
): Promise<TrainingRun> {
  const { folder, plan, dSae, listen } = stage;
  const start = { id: sae.id, orderSeed: sae.orderSeed };
  const file = folder.snapshot(sae.id);
  try {
    const state = await readSnapshot(file, saeKey(stage, group, sae), dSae, d);
    return { ...start, state };
  } catch (error) {
    if (!(error instanceof ReseedError)) throw error;
    // No snapshot is how a run starts; one of another run, or damaged, is worth a word.
    if (error.code !== 'input.file')
      listen({ type: 'note', text: `starting ${sae.id} anew: ${error.message}` });
    return { ...start, state: startState(plan.training.recipe.init(sae.initSeed, d, dSae)) };
  }
}

async function writeCheckpoint(
  stage: TrainStage,
  group: PlannedGroup,
  planned: PlannedSae,
  run: TrainingRun,
): Promise<TrainedSae> {
  const { plan, folder } = stage;
  const { recipe, k, epochs, batchSize, learningRate } = plan.training;
  const sae: Sae = {
    architecture: 'topk',
    activation: { kind: 'topk', k, relu: recipe.relu },
    subtractDecoderBias: recipe.subtractDecoderBias,
    ...weightsOf(run.state),
  };
  const key = saeKey(stage, group, planned);
  const { weights, config } = encodeSaelens(sae, `blocks.${group.layer}.hook_resid_post`, {
    key,
    site: group.site,
    recipe: recipe.name,
    initSeed: planned.initSeed,
    orderSeed: planned.orderSeed,
    epochs,
    batchSize,
    learningRate,
    steps: run.state.adam.step,
    losses: run.state.losses,
  });
  const to = folder.saeFolder(planned.id);
  // The configuration comes last: its key says that the weights beside it are whole.
  await folder.write(`${to}/${saelensFiles.weights}`, weights);
  await folder.write(`${to}/${saelensFiles.config}`, config);
  await rm(folder.snapshot(planned.id), { force: true });
  return { ...planned, sae, key, training: { steps: run.state.adam.step, losses: run.state.losses } };
}
