// Trains every group of a study, two at a time, or finds what an earlier run has trained.

import { StageMeter } from '../compare/progress.js';
import { ReseedError } from '../errors.js';
import type { PlannedGroup } from './plan.js';
import { arrangeSaes } from './sae-store.js';
import { finishedSaes, saeKeys, type TrainedSae, type TrainStage, trainGroup } from './train-stage.js';
import { lengthOf } from './trainer.js';

/** So that threads are not left idle while one group finishes an epoch. */
const groupsAtATime = 2;

/** What a row costs in training besides its features, in features. */
const besides = 256;

/**
 * The SAEs of every group, by its id, in the order of the plan.
 * @throws input.file where the study does not train and an SAE is missing; internal.cancelled
 */
export async function trainAll(stage: TrainStage): Promise<Map<string, TrainedSae[]>> {
  const { plan, folder, listen } = stage;
  await arrangeSaes(folder, saeKeys(stage));
  const rowsOf = ({ site }: PlannedGroup) => stage.source.shapeOf(site).rows;
  const finished = new Map<string, Map<string, TrainedSae>>();
  for (const group of plan.groups) {
    finished.set(group.id, await finishedSaes(stage, group));
  }
  const of = (group: PlannedGroup) => finished.get(group.id) as Map<string, TrainedSae>;
  if (!plan.stages.includes('train')) {
    for (const group of plan.groups) requireAll(stage, group, of(group));
  }
  const done = plan.groups.reduce((sum, group) => sum + of(group).size, 0);
  const all = plan.groups.reduce((sum, { saes }) => sum + saes.length, 0);
  const detail = `${all} SAEs${done > 0 ? `, ${done} of them from an earlier run` : ''}`;
  listen({ type: 'stage', stage: 'training', detail });

  // An epoch costs about as much as its rows times the features, and some besides: groups are weighed by that, the
  // lightest counts 1.
  const costs = plan.groups.map((group) => rowsOf(group) * (besides + group.settings.dSae));
  const lightest = Math.min(...costs);
  const jobs = plan.groups.map((group, i) => ({
    group,
    perEpoch: costs[i] / lightest,
    epochs: lengthOf(group.settings, rowsOf(group)).epochs,
  }));
  const meter = new StageMeter(
    listen,
    'training',
    jobs.reduce((sum, { group, perEpoch, epochs }) => sum + group.saes.length * perEpoch * epochs, 0),
    jobs.reduce((sum, { group, perEpoch, epochs }) => sum + of(group).size * perEpoch * epochs, 0),
  );
  const trained = new Map<string, TrainedSae[]>();
  const queue = [...jobs];
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(stage.signal ? [stage.signal] : [])]);
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job && !failure.signal.aborted; job = queue.shift()) {
      const { group, perEpoch } = job;
      const one = { ...stage, signal };
      trained.set(group.id, await trainGroup(one, group, of(group), { meter, perEpoch }));
    }
  };
  // Where one group fails, as on a full disk, the other stops too; the first failure is the one worth telling.
  const workers = Array.from({ length: groupsAtATime }, () =>
    work().catch((cause) => failure.abort({ cause })),
  );
  await Promise.all(workers);
  if (failure.signal.aborted) throw (failure.signal.reason as { cause: unknown }).cause;
  return trained;
}

function requireAll(
  { folder }: TrainStage,
  { id, saes }: PlannedGroup,
  finished: ReadonlyMap<string, TrainedSae>,
): void {
  const missing = saes.filter((sae) => !finished.has(sae.id));
  if (missing.length === 0) return;
  throw new ReseedError('input.file', 'the study does not train, and SAEs that it compares are missing', {
    file: folder.saeFolder(missing[0].id),
    field: id,
    found: `${saes.length - missing.length} of ${saes.length} SAEs`,
    expected: 'SAEs of these settings from an earlier run, or train among the stages',
  });
}
