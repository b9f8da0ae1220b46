// The scores of a group over its training, from the snapshots that its SAEs left behind.

import type { MeasureOptions } from '../compare/measure-group.js';
import { measureTrajectory, type Snapshot, type TrajectoryPoint } from '../evidence/trajectory.js';
import { encode } from '../sae/encode.js';
import type { Member } from '../sae/member.js';
import type { PlannedGroup } from './plan.js';
import { initOf, openOwnSae } from './shelved-saes.js';
import { snapshotFolder, type TrainedSae, type TrainStage } from './train-stage.js';
import { initialWeights, lengthOf, saeOf, snapshotSteps, startTraining } from './trainer.js';

/**
 * Each score that is followed at the start, at every snapshot and at the end, with its null there. Undefined where the
 * study keeps no snapshots. SAEs that diverged take part in no step.
 * @throws input.file, input.format where a snapshot is missing or damaged; internal.cancelled
 */
export async function followTraining(
  stage: TrainStage,
  group: PlannedGroup,
  saes: readonly TrainedSae[],
  options: MeasureOptions,
): Promise<TrajectoryPoint[] | undefined> {
  const { rows } = stage.source.shapeOf(group.site);
  const steps = snapshotSteps(group.settings, rows);
  const sound = saes.filter(({ training }) => training?.divergedAt === undefined);
  if (steps.length === 0 || sound.length < 2) return undefined;
  const compute = () => {
    const snapshots = snapshotsOf(stage, group, sound, steps, options);
    return measureTrajectory(group.id, snapshots, options, stage.activations(group.site, sound[0].initSeed));
  };
  return compute();
}

/** One after the other: all of them together may not fit into memory. */
async function* snapshotsOf(
  stage: TrainStage,
  { site, settings }: PlannedGroup,
  saes: readonly TrainedSae[],
  steps: readonly number[],
  { kernel, signal }: MeasureOptions,
): AsyncGenerator<Snapshot> {
  const last = lengthOf(settings, stage.source.shapeOf(site).rows).steps;
  for (const step of [0, ...steps, last]) {
    const members: Member[] = [];
    for (const { id, at, initSeed, sae: trained } of saes) {
      const x = stage.activations(site, initSeed);
      const sae =
        step === 0
          ? initOf(trained, () => saeOf(settings, startTraining(settings, initSeed, x)))
          : step === last
            ? trained
            : (await openOwnSae(snapshotFolder(at, step))).sae;
      const codes = await encode(sae, x, kernel, signal ? { signal } : {});
      members.push({
        id,
        sae,
        codes,
        activations: x,
        init: initOf(sae, () => initialWeights(settings, initSeed, x.cols)),
      });
    }
    yield { step, members };
  }
}
