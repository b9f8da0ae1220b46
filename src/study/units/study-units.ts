// The units of a study, opened for work: what a unit needs is read from the folder, what it makes goes back there.
import { asMember } from '../../compare/measure-group.js';
import { ReseedError } from '../../errors.js';
import { GroupContext, startMeasuring } from '../../evidence/context.js';
import { levelOf, nullsOf } from '../../evidence/measure-metrics.js';
import { prepareGroup } from '../../evidence/prepare.js';
import { hashOfFile } from '../../formats/hash-of-file.js';
import type { Kernel } from '../../kernel/interface.js';
import { type MetricId, metricOf } from '../../metrics/registry.js';
import { compareGroup, knownSae, measuredFile, studyKeep } from '../compare-stage.js';
import { parseStudy, type Study } from '../config.js';
import type { StudyFolder } from '../folder.js';
import { hashOf } from '../hash-of.js';
import { knownHashes } from '../known-hashes.js';
import { type Plan, type PlannedGroup, planStudy } from '../plan.js';
import { whereIs } from '../sae-store.js';
import { type ActivationSource, openSource } from '../sources/index.js';
import { openTrained, saeKey, type TrainedSae, type TrainStage } from '../train-stage.js';
import type { StudyJob } from './job.js';
import { measurePair } from './measure-pair.js';
import { trainUnit } from './train-unit.js';
import type { Unit, UnitWork } from './unit.js';
import type { Made } from './unit-store.js';

export interface OpenedStudy {
  readonly study: Study;
  readonly plan: Plan;
  readonly source: ActivationSource;
}

export interface UnitHooks {
  readonly kernel: Kernel;
  readonly signal?: AbortSignal;
  /** Called with how much of the unit is done, and what is at hand. */
  readonly onProgress: (share: number, text: string) => void;
}

/** @throws input.config, input.file, input.format, input.shape */
export async function openStudyJob(
  { file, text, quick }: StudyJob,
  folder: StudyFolder,
): Promise<OpenedStudy> {
  const study = parseStudy(text, file);
  const plan = planStudy(study, quick);
  const sites = plan.groups.map(({ site }) => site);
  const source = await openSource(study.activations, sites, file, knownHashes({ folder: folder.hashes }));
  return { study, plan, source };
}

/**
 * Does a unit. @param own folder of the attempt
 * @returns hashes of what it made @throws whatever the work throws; input.file where an SAE is not trained yet
 */
export async function runStudyUnit(
  opened: OpenedStudy,
  folder: StudyFolder,
  { work }: Unit,
  own: string,
  hooks: UnitHooks,
): Promise<Made> {
  const { plan, source, study } = opened;
  const { kernel, signal, onProgress } = hooks;
  const group = groupOf(plan, work.group);
  const loaded = await source.load([group.site], folder, signal ? { signal } : {});
  const base = { plan, source, folder, kernel, listen: () => {}, activations: loaded };
  const stage: TrainStage = { ...base, ...(signal ? { signal } : {}) };
  const { seed } = study.analysis;
  switch (work.kind) {
    case 'train': {
      const saes = group.saes.filter(({ id }) => work.saes.includes(id));
      return trainUnit(stage, { ...group, saes }, own, (share) => onProgress(share, 'training'));
    }
    case 'pairs':
      return pairsUnit(stage, group, work.pairs, seed, onProgress);
    case 'null':
      return nullUnit(stage, group, work, seed, onProgress);
    case 'group': {
      const saes = await trainedOf(stage, group);
      await compareGroup(stage, group, saes, seed, (part, share) => onProgress(share ?? 0, part));
      const file = measuredFile(stage, group, seed);
      return (await folder.has(file)) ? { features: await hashOfFile(file) } : {};
    }
  }
}

function groupOf({ groups }: Plan, id: string): PlannedGroup {
  return groups.find((group) => group.id === id) as PlannedGroup;
}

/** The SAEs of a group, wherever the folder has them; all of them, or those that are named. */
async function trainedOf(
  stage: TrainStage,
  group: PlannedGroup,
  ids: readonly string[] = group.saes.map(({ id }) => id),
): Promise<TrainedSae[]> {
  const chosen = group.saes.filter(({ id }) => ids.includes(id));
  const keys = new Map(chosen.map((sae) => [sae.id, saeKey(stage, group, sae)]));
  const places = await whereIs(stage.folder, keys);
  const trained: TrainedSae[] = [];
  for (const planned of chosen) {
    const at = places.get(planned.id);
    if (at === undefined) {
      throw new ReseedError('input.file', 'an SAE that is to be measured is not trained', {
        file: stage.folder.root,
        field: planned.id,
        expected: 'the units that train to be done first',
      });
    }
    trained.push(await openTrained(group, planned, keys.get(planned.id) as string, at));
  }
  return trained;
}

/** SAEs are opened as pairs need them, and at most two are held. */
async function pairsUnit(
  stage: TrainStage,
  group: PlannedGroup,
  pairs: Extract<UnitWork, { kind: 'pairs' }>['pairs'],
  seed: number,
  onProgress: UnitHooks['onProgress'],
): Promise<Made> {
  const made: Record<string, string> = {};
  let held: TrainedSae[] = [];
  for (const [at, { a, b, measures }] of pairs.entries()) {
    const wanted = [a, b].filter((id) => !held.some((sae) => sae.id === id));
    held = held.filter(({ id }) => id === a || id === b);
    held.push(...(await trainedOf(stage, group, wanted)));
    const [one, other] = [a, b].map((id) => {
      return knownSae(stage, group, held.find((sae) => sae.id === id) as TrainedSae);
    });
    const found = await measurePair(
      { id: group.id, saes: [one, other], x: stage.activations(group.site, group.saes[0].initSeed) },
      measures,
      {
        ...measuringOf(stage, seed),
        onProgress: (measure, share = 0) =>
          onProgress((at + share) / pairs.length, `${a} · ${b} by ${measure}`),
      },
    );
    for (const [measure, hash] of Object.entries(found)) made[`${a} · ${b}, ${measure}`] = hash;
  }
  return made;
}

async function nullUnit(
  stage: TrainStage,
  group: PlannedGroup,
  { metric: id, null: kind }: Extract<UnitWork, { kind: 'null' }>,
  seed: number,
  onProgress: UnitHooks['onProgress'],
): Promise<Made> {
  const metric = metricOf(id as MetricId);
  const model = nullsOf(metric).find((one) => one.kind === kind);
  if (!model) return {};
  const measuring = startMeasuring({
    ...measuringOf(stage, seed),
    onProgress: (part, share = 0) => onProgress(share / 2, part),
  });
  const saes = await trainedOf(stage, group);
  const { sound, data } = await prepareGroup(
    {
      id: group.id,
      members: saes.map((one) => asMember(knownSae(stage, group, one))),
      x: stage.activations(group.site, group.saes[0].initSeed),
    },
    measuring,
  );
  if (sound.length < 2) return {};
  const context = new GroupContext(
    { id: group.id, members: sound, scatter: data?.scatter, mean: data?.moments.means() },
    measuring,
  );
  const scores = await metric.measure(context);
  onProgress(0.5, `${id}/${kind}`);
  const level = scores && (await levelOf(model, metric, scores, context));
  return { level: hashOf(level ?? null) };
}

function measuringOf({ kernel, plan, folder, signal }: TrainStage, seed: number) {
  return { kernel, seed, draws: plan.draws, keep: studyKeep(folder), ...(signal ? { signal } : {}) };
}
