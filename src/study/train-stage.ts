// The training stage: every SAE of a group, from where the last run left it, to its checkpoint.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Listener, StageMeter } from '../compare/progress.js';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import type { TrainingRecord } from '../sae/member.js';
import type { Sae } from '../sae/sae.js';
import { saelensContent, saelensFiles } from '../sae/sources/saelens-write.js';
import type { Matrix } from '../tensor/matrix.js';
import { architectures } from '../training/architectures/registry.js';
import type { TrainingRun } from '../training/loop.js';
import { readTrainingState, trainingStatePieces } from '../training/state.js';
import { divergedAbove, hasDiverged } from './divergence.js';
import type { StudyFolder } from './folder.js';
import { hashOf } from './hash-of.js';
import type { Plan, PlannedGroup, PlannedSae } from './plan.js';
import { keyIn } from './sae-store.js';
import { SavePace } from './save-pace.js';
import type { Settings } from './settings.js';
import { isLarge, openOwnSae } from './shelved-saes.js';
import type { ActivationSource, ActivationsOf } from './sources/index.js';
import {
  learningRateOf,
  lengthOf,
  lossOverOf,
  saeOf,
  saeSettings,
  snapshotSteps,
  startTraining,
  trainRuns,
} from './trainer.js';
import { trainingRecord } from './training-record.js';
import { trainingVersions } from './training-versions.js';
import { epochOf } from './watched-epoch.js';

export interface TrainedSae extends PlannedSae {
  readonly sae: Sae;
  /** Hash of everything that the weights depend on. */
  readonly key: string;
  /** The folder that its checkpoint lies in. */
  readonly at: string;
  /** Absent where the checkpoint does not record it. */
  readonly training?: TrainingRecord;
}

/** Where a group counts what it has done, and what an epoch of one of its SAEs counts. */
export interface TrainingMeter {
  readonly meter: StageMeter;
  readonly perEpoch: number;
}

/** Where the training of an SAE leaves what it makes. */
export interface TrainingPlaces {
  /** The folder whose `snapshots/` takes the SAE as it was after some steps. */
  ofSnapshots(sae: PlannedSae, key: string): string;
  /** The folder of its checkpoint. */
  checkpoint(sae: PlannedSae, key: string): string;
  /**
   * Whether folders go by ids: then snapshots that lie there can be another SAE's and are cleared away before a start, and a
   * checkpoint is where it stays, so that nothing is needed to go on from.
   */
  readonly shared: boolean;
}

export interface TrainStage {
  readonly plan: Plan;
  readonly source: ActivationSource;
  readonly activations: ActivationsOf;
  readonly folder: StudyFolder;
  readonly kernel: Kernel;
  readonly listen: Listener;
  /** Whether somebody watches: then features that never fire are counted at each epoch. */
  readonly watched?: boolean;
  readonly signal?: AbortSignal;
  /** By default the folder of each SAE, by its id. */
  readonly places?: TrainingPlaces;
}

function placesOf({ places, folder }: TrainStage): TrainingPlaces {
  const byId = ({ id }: PlannedSae) => folder.saeFolder(id);
  return places ?? { ofSnapshots: byId, checkpoint: byId, shared: true };
}

/** What the keys of SAEs depend on besides the plan. */
export interface KeyedBy {
  readonly source: Pick<ActivationSource, 'keyOf' | 'tokensKey'>;
}

/** Key of an SAE: the same key, the same bytes. Kernel and threads are not in it, because they change nothing. */
export function saeKey(
  { source }: KeyedBy,
  { site, settings: { variant: _, ...settings } }: PlannedGroup,
  { initSeed, orderSeed }: PlannedSae,
): string {
  return hashOf({
    versions: trainingVersions(settings),
    activations: source.keyOf(site, initSeed),
    settings: Object.entries({ ...settings, learningRate: learningRateOf(settings) }).sort(),
    initSeed,
    orderSeed,
  });
}

/** Key of every SAE of the plan, by id. */
export function saeKeys(stage: KeyedBy & Pick<TrainStage, 'plan'>): Map<string, string> {
  return new Map(
    stage.plan.groups.flatMap((group) =>
      group.saes.map((sae) => [sae.id, saeKey(stage, group, sae)] as const),
    ),
  );
}

/** The SAEs of a group that need no more training. */
export async function finishedSaes(stage: TrainStage, group: PlannedGroup): Promise<Map<string, TrainedSae>> {
  const finished = new Map<string, TrainedSae>();
  for (const planned of group.saes) {
    const folder = stage.folder.saeFolder(planned.id);
    const key = saeKey(stage, group, planned);
    if ((await keyIn(folder)) !== key) continue;
    finished.set(planned.id, await openTrained(group, planned, key, folder));
  }
  return finished;
}

/** @param folder of its checkpoint @throws input.file, input.format */
export async function openTrained(
  { settings }: PlannedGroup,
  planned: PlannedSae,
  key: string,
  folder: string,
): Promise<TrainedSae> {
  const { sae: read, record } = await openOwnSae(folder);
  // The layout of SAELens has other names: a trained BatchTopK is a JumpReLU there.
  const sae = { ...read, architecture: settings.architecture };
  const training = trainingRecord(record);
  return { ...planned, sae, key, at: folder, ...(training ? { training } : {}) };
}

/** Where an SAE lies as it was after so many steps. */
export function snapshotFolder(saeFolder: string, step: number): string {
  return join(saeFolder, 'snapshots', `step${step}`);
}

function snapshotKey(key: string, step: number): string {
  return hashOf([key, step]);
}

/**
 * Trains what is not finished and writes each checkpoint. In the order of the plan. SAEs that read the same activations
 * are trained in one pass over them.
 */
export async function trainGroup(
  stage: TrainStage,
  group: PlannedGroup,
  finished: ReadonlyMap<string, TrainedSae>,
  meter: TrainingMeter,
): Promise<TrainedSae[]> {
  const trained = new Map(finished);
  const missing = new Map<string, PlannedSae[]>();
  for (const sae of group.saes) {
    if (finished.has(sae.id)) continue;
    const key = stage.source.keyOf(group.site, sae.initSeed);
    missing.set(key, [...(missing.get(key) ?? []), sae]);
  }
  for (const saes of missing.values()) {
    const x = stage.activations(group.site, saes[0].initSeed);
    for (const one of await trainTogether(stage, { ...group, saes }, x, meter)) trained.set(one.id, one);
  }
  return group.saes.map(({ id }) => trained.get(id) as TrainedSae);
}

/** On activations X [N×d]. A run that diverges ends there, with its checkpoint as it is; the others go on. */
async function trainTogether(
  stage: TrainStage,
  group: PlannedGroup,
  x: Matrix,
  { meter, perEpoch }: TrainingMeter,
): Promise<TrainedSae[]> {
  const { folder, kernel, signal, listen } = stage;
  const places = placesOf(stage);
  const { epochs } = lengthOf(group.settings, x.rows);
  const above = divergedAbove(x);
  const keys = new Map(group.saes.map((sae) => [sae.id, saeKey(stage, group, sae)]));
  const keyOf = ({ id }: { readonly id: string }) => keys.get(id) as string;
  const isOver = ({ state }: TrainingRun) => hasDiverged(state, above);
  const runs = await Promise.all(group.saes.map((sae) => resume(stage, group, sae, x)));
  for (const run of runs) meter.skip(perEpoch * (isOver(run) ? epochs : run.state.losses.length));
  const pace = new SavePace();
  await trainRuns(x, runs, group.settings, kernel, {
    ...defined({ signal }),
    isOver,
    async onSnapshot(some, step) {
      for (const run of some) await writeSnapshot(stage, group, places, run, keyOf(run), step);
    },
    async onEpoch(some, epoch) {
      for (const run of some.filter(isOver)) {
        listen({ type: 'note', text: `${run.id} has diverged in epoch ${epoch} and is left as it is` });
        meter.skip(perEpoch * (epochs - epoch + 1));
      }
      const sound = some.filter((run) => !isOver(run));
      if (sound.length > 0) {
        meter.advance(epochInWords(group, sound, epoch, epochs), perEpoch * sound.length);
        const saes = await epochOf(sound, group.settings, x, stage);
        listen({ type: 'epoch', group: group.id, epoch, epochs, saes });
      }
      if (!signal?.aborted && !pace.isDue) return;
      await pace.save(async () => {
        for (const run of some) {
          await folder.write(folder.trainingState(keyOf(run)), trainingStatePieces(run.state, keyOf(run)));
        }
      });
    },
  });
  const trained: TrainedSae[] = [];
  for (const [i, run] of runs.entries()) {
    const made = { planned: group.saes[i], key: keyOf(run), run, diverged: isOver(run) };
    trained.push(await writeTrained(stage, group, places, made));
  }
  return trained;
}

/** How far a group is, with the mean loss over the runs that have not diverged. */
function epochInWords(
  { id }: PlannedGroup,
  sound: readonly TrainingRun[],
  epoch: number,
  epochs: number,
): string {
  const loss = sound.reduce((sum, { state }) => sum + state.losses[epoch - 1], 0) / sound.length;
  return `${id}, epoch ${epoch}/${epochs}, loss ${loss.toPrecision(4)}`;
}

async function writeSnapshot(
  stage: TrainStage,
  group: PlannedGroup,
  places: ReturnType<typeof placesOf>,
  run: TrainingRun,
  key: string,
  step: number,
): Promise<void> {
  const planned = group.saes.find(({ id }) => id === run.id) as PlannedSae;
  const to = snapshotFolder(places.ofSnapshots(planned, key), step);
  await write(stage, group, planned, run, to, snapshotKey(key, step));
}

interface MadeSae {
  readonly planned: PlannedSae;
  readonly key: string;
  readonly run: TrainingRun;
  readonly diverged: boolean;
}

/** A large SAE is read back from its file, piece by piece as it is needed. */
async function writeTrained(
  stage: TrainStage,
  group: PlannedGroup,
  places: ReturnType<typeof placesOf>,
  { planned, key, run, diverged }: MadeSae,
): Promise<TrainedSae> {
  const to = places.checkpoint(planned, key);
  const written = await write(stage, group, planned, run, to, key, diverged);
  if (places.shared) await rm(stage.folder.trainingState(key), { force: true });
  const opened = (await isLarge(to))
    ? await openTrained(group, planned, key, to)
    : { ...planned, key, at: to };
  return { ...written, ...opened };
}

async function resume(
  stage: TrainStage,
  group: PlannedGroup,
  sae: PlannedSae,
  x: Matrix,
): Promise<TrainingRun> {
  const { folder, listen } = stage;
  const start = { id: sae.id, orderSeed: sae.orderSeed };
  const key = saeKey(stage, group, sae);
  const places = placesOf(stage);
  const ofSnapshots = places.ofSnapshots(sae, key);
  try {
    const state = await readTrainingState(folder.trainingState(key), key, group.settings.dSae, x.cols);
    if (await hasSnapshots(ofSnapshots, group.settings, x.rows, key, state.adam.step)) {
      return { ...start, state };
    }
  } catch (error) {
    if (!(error instanceof ReseedError)) throw error;
    // A run that starts has no saved state; a damaged one is worth a word.
    if (error.code !== 'input.file')
      listen({ type: 'note', text: `starting ${sae.id} anew: ${error.message}` });
  }
  // What another study was training here when it was stopped.
  if (places.shared) await rm(ofSnapshots, { recursive: true, force: true });
  return { ...start, state: startTraining(group.settings, sae.initSeed, x) };
}

/** Whether every snapshot up to this step is there; another study in the same folder may have written over them. */
export async function hasSnapshots(
  saeFolder: string,
  settings: Settings,
  rows: number,
  key: string,
  upTo: number,
): Promise<boolean> {
  for (const step of snapshotSteps(settings, rows)) {
    if (step <= upTo && (await keyIn(snapshotFolder(saeFolder, step))) !== snapshotKey(key, step))
      return false;
  }
  return true;
}

/** Writes an SAE as it stands. @param to the folder of its checkpoint */
async function write(
  { folder }: TrainStage,
  { site, settings }: PlannedGroup,
  { initSeed, orderSeed }: PlannedSae,
  { state }: TrainingRun,
  to: string,
  key: string,
  diverged = false,
): Promise<{ sae: Sae; training: TrainingRecord }> {
  const sae = saeOf(settings, state);
  if (diverged) oneNaN(sae);
  const { recipe, epochs, batchSize } = settings;
  const { step } = state.adam;
  const hookName = site.layer === undefined ? undefined : `blocks.${site.layer}.hook_resid_post`;
  const record = {
    key,
    ...defined({ site: site.site }),
    recipe,
    // What the SAE itself tells is not recorded.
    ...(architectures[settings.architecture].ownOf ? {} : { settings: saeSettings(settings) }),
    initSeed,
    orderSeed,
    ...defined({ epochs }),
    batchSize,
    learningRate: learningRateOf(settings),
    steps: step,
    losses: state.losses,
    ...defined({ lossOver: lossOverOf(settings, state.adam.width) }),
    ...(diverged ? { divergedAt: step } : {}),
  };
  const { weights, config } = saelensContent(sae, hookName, record);
  // The configuration comes last: its key says that the weights beside it are whole.
  await folder.write(join(to, saelensFiles.weights), weights);
  await folder.write(join(to, saelensFiles.config), config);
  return { sae, training: trainingRecord(record) as TrainingRecord };
}

/** NaN has many bit patterns, and which one a sum gives is up to the machine: one for all, so that bytes stay the same. */
function oneNaN({ encoder, encoderBias, decoder, decoderBias, activation }: Sae): void {
  const own = Object.values(activation).filter((value) => value instanceof Float32Array);
  for (const values of [encoder.data, encoderBias, decoder.data, decoderBias, ...own]) {
    values.forEach((value, i) => {
      if (Number.isNaN(value)) values[i] = Number.NaN;
    });
  }
}
