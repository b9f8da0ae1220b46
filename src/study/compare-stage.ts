// The stage of comparison: every group measured, from what an earlier run has kept of it.

import {
  type Keeper,
  type MeasureOptions,
  measureGroup,
  type SaeToMeasure,
} from '../compare/measure-group.js';
import { PartMeter } from '../compare/part-meter.js';
import { defined } from '../defined.js';
import { measuringVersions } from '../evidence/versions.js';
import type { Families } from '../features/families/families.js';
import type { FeatureStability } from '../features/feature-stability.js';
import { encodeStability, readStability } from '../features/stability-file.js';
import { cacheFolder, keepIn } from '../formats/kept-files.js';
import { type Keep, type Key, keyText } from '../keep.js';
import type { GroupFeatures } from '../report/feature-table.js';
import { dModel, type Sae } from '../sae/sae.js';
import type { GroupOutcome } from './assemble.js';
import { ContentNames } from './content-names.js';
import type { StudyFolder } from './folder.js';
import { followTraining } from './follow-training.js';
import type { Plan, PlannedGroup } from './plan.js';
import { plantedTruth } from './planted-truth.js';
import { initOf } from './shelved-saes.js';
import { type KeyedBy, saeKey, type TrainedSae, type TrainStage } from './train-stage.js';
import { initialWeights, lengthOf } from './trainer.js';

export interface Compared {
  readonly outcomes: readonly GroupOutcome[];
  /** Reads the features of the groups that have any back, one group at a time: together they may not fit into memory. */
  features(): AsyncGenerator<GroupFeatures>;
}

/** Where one group keeps what is measured, and under which names. */
interface Kept {
  /** All that it depends on. */
  readonly scope: Key;
  /** Of the features. */
  readonly file: string;
  readonly names: ContentNames;
}

/** What is read back of a group: its features from their file, and its families, which take little. */
interface MeasuredFeatures extends Kept {
  readonly families: Families | undefined;
}

/** @param seed of what the nulls draw @throws as `measureGroup` */
export async function compareAll(
  stage: TrainStage,
  trained: ReadonlyMap<string, readonly TrainedSae[]>,
  seed: number,
): Promise<Compared> {
  const { plan, source, listen } = stage;
  listen({ type: 'stage', stage: 'comparison', detail: `${plan.groups.length} groups` });
  const parts = new PartMeter(
    listen,
    plan.groups.map((group) => ({
      id: group.id,
      saes: (trained.get(group.id) as readonly TrainedSae[]).map(({ sae }) => ({ sae, init: true })),
      rows: source.shapeOf(group.site).rows,
    })),
  );
  const outcomes: GroupOutcome[] = [];
  const files = new Map<string, MeasuredFeatures>();
  for (const group of plan.groups) {
    const saes = trained.get(group.id) as readonly TrainedSae[];
    const { outcome, features } = await compareGroup(stage, group, saes, seed, (part, share) =>
      parts.at(part, share),
    );
    if (features) files.set(group.id, features);
    outcomes.push(outcome);
    parts.end(group.id);
  }
  return { outcomes, features: () => featuresIn(files) };
}

/** Measures one group, from what is kept of it. @throws as `measureGroup` */
export async function compareGroup(
  stage: TrainStage,
  group: PlannedGroup,
  saes: readonly TrainedSae[],
  seed: number,
  onProgress: (part: string, share?: number) => void,
): Promise<{ outcome: GroupOutcome; features?: MeasuredFeatures }> {
  const { plan, source, folder, kernel, signal } = stage;
  const kept = keptOf(stage, group, seed);
  const keep = studyKeep(folder);
  const keepPart = <T>(part: string, compute: () => Promise<T>): Promise<T> =>
    keep([part, ...kept.scope], async () => kept.names.toContent(await compute())).then((value) =>
      kept.names.toIds(value),
    );
  const options: MeasureOptions = {
    kernel,
    seed,
    draws: plan.draws,
    keep,
    keepEvidence: (compute) => keepPart('evidence', compute),
    keepFeatures: featureKeeper(folder, kept),
    onProgress,
    ...(signal ? { signal } : {}),
  };
  const trajectory = await keepPart('trajectory', () => followTraining(stage, group, saes, options));
  const planted = await keepPart('truth', () => plantedTruth(stage, group, saes, options));
  // Last, because the features that it keeps tell that the group is measured.
  const { measured, features, families } = await measureGroup(
    {
      id: group.id,
      saes: saes.map((one) => knownSae(stage, group, one)),
      x: stage.activations(group.site, saes[0].initSeed),
      tokens: source.tokens,
    },
    options,
  );
  const outcome: GroupOutcome = {
    group,
    measured,
    steps: lengthOf(group.settings, source.shapeOf(group.site).rows).steps,
    ...(trajectory ? { trajectory } : {}),
    ...(planted ? { planted } : {}),
  };
  return { outcome, ...(features ? { features: { ...kept, families } } : {}) };
}

/** Whether an earlier run has measured this group from end to end. */
export async function isMeasured(
  stage: KeyedBy & { readonly plan: Plan; readonly folder: StudyFolder },
  group: PlannedGroup,
  seed: number,
): Promise<boolean> {
  return stage.folder.has(measuredFile(stage, group, seed));
}

/** The file whose presence tells that a group is measured; groups without two SAEs to match have none. */
export function measuredFile(
  stage: KeyedBy & { readonly plan: Plan; readonly folder: StudyFolder },
  group: PlannedGroup,
  seed: number,
): string {
  return keptOf(stage, group, seed).file;
}

function keptOf(
  stage: KeyedBy & { readonly plan: Plan; readonly folder: StudyFolder },
  group: PlannedGroup,
  seed: number,
): Kept {
  const { plan, folder, source } = stage;
  const keys = group.saes.map((sae) => saeKey(stage, group, sae));
  const activations = source.keyOf(group.site, group.saes[0].initSeed);
  const tokens = source.tokensKey === undefined ? [] : [source.tokensKey];
  const scope: Key = [JSON.stringify(measuringVersions), activations, ...tokens, seed, plan.draws, ...keys];
  const names = new Map(group.saes.map(({ id }, i) => [id, keys[i]]));
  return { scope, file: folder.features(keyText(['features', ...scope])), names: new ContentNames(names) };
}

/** Levels that depend on shapes alone serve every study, so they are kept for all of them; the rest in the folder. */
export function studyKeep(folder: StudyFolder): Keep {
  const own = keepIn(folder.parts);
  const cache = cacheFolder();
  const shared = cache === undefined ? own : keepIn(cache);
  return (key, compute) => (key[0] === 'shape' ? shared : own)(key, compute);
}

export function knownSae(
  { activations, source }: TrainStage,
  { settings, site, saes }: PlannedGroup,
  one: TrainedSae,
): SaeToMeasure {
  const { id, sae, initSeed, orderSeed, training } = one;
  const own = source.keyOf(site, initSeed) !== source.keyOf(site, saes[0].initSeed);
  let init: Sae | undefined;
  return {
    id,
    sae,
    // Where everything is recalled nobody asks for it.
    get init() {
      init ??= initOf(sae, () => initialWeights(settings, initSeed, dModel(sae)));
      return init;
    },
    origin: {
      format: 'saelens',
      path: `saes/${id}`,
      initSeed,
      orderSeed,
      ...defined({ layer: site.layer, site: site.site }),
    },
    ...(own ? { activations: activations(site, initSeed) } : {}),
    ...(training ? { training } : {}),
  };
}

function featureKeeper(folder: StudyFolder, { file, names }: Kept): Keeper<FeatureStability | undefined> {
  return async (compute) => {
    if (await folder.has(file)) return names.toIds(await readStability(file));
    const features = await compute();
    if (features) await folder.write(file, encodeStability(names.toContent(features)));
    return features;
  };
}

async function* featuresIn(files: ReadonlyMap<string, MeasuredFeatures>): ReturnType<Compared['features']> {
  for (const [group, { file, names, families }] of files) {
    const stability = names.toIds(await readStability(file));
    yield { group, stability, ...(families ? { families } : {}) };
  }
}
