// Trains the SAEs of a unit and puts each where the folder keeps SAEs by key, in one step.
//
// A checkpoint is made in the attempt's own folder and published by a rename, which only one attempt can do: another finds the place
// taken, and compares what it made with what is there. Snapshots of an SAE lie in `.work/steps/<key>`: the same bytes,
// whoever writes them, so that an attempt goes on where the last one was stopped.
import { copyFile, link, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StageMeter } from '../../compare/progress.js';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';
import { hashOfFile } from '../../formats/hash-of-file.js';
import { makeFolder } from '../../formats/make-folder.js';
import { saelensFiles } from '../../sae/sources/saelens-write.js';
import type { PlannedGroup } from '../plan.js';
import { whereIs } from '../sae-store.js';
import { hasSnapshots, saeKey, type TrainingPlaces, type TrainStage, trainGroup } from '../train-stage.js';
import { lengthOf } from '../trainer.js';
import type { Made } from './unit-store.js';

/**
 * Hashes of the checkpoints, by key and file.
 * @param own folder of the attempt @param onProgress called with the share of the training that is done
 * @throws internal.control where another attempt made other bytes; as `trainGroup`
 */
export async function trainUnit(
  stage: TrainStage,
  group: PlannedGroup,
  own: string,
  onProgress: (share: number) => void,
): Promise<Made> {
  const keys = new Map(group.saes.map((sae) => [sae.id, saeKey(stage, group, sae)]));
  const present = await whereIs(stage.folder, keys);
  const missing = group.saes.filter(({ id }) => !present.has(id));
  const places: TrainingPlaces = {
    ofSnapshots: (_, key) => folderOfSnapshots(stage, key),
    checkpoint: (_, key) => join(own, 'saes', key),
    shared: false,
  };
  const { rows } = stage.source.shapeOf(group.site);
  const epochs = lengthOf(group.settings, rows).epochs * missing.length;
  const meter = new StageMeter(
    (event) => {
      if (event.type === 'progress') onProgress(event.done / event.total);
    },
    'training',
    Math.max(1, epochs),
  );
  const trained =
    missing.length === 0
      ? []
      : await trainGroup({ ...stage, places }, { ...group, saes: missing }, new Map(), {
          meter,
          perEpoch: 1,
        });
  for (const { key, at, training } of trained) {
    // What diverged has the snapshots up to there.
    const upTo = training?.divergedAt ?? Number.POSITIVE_INFINITY;
    await placeSnapshots(stage, group, key, at, upTo);
    await publish(stage, key, at);
  }
  const made: Record<string, string> = {};
  const found = await whereIs(stage.folder, keys);
  for (const { id } of group.saes) {
    const key = keys.get(id) as string;
    Object.assign(made, await hashesIn(key, found.get(id) ?? stage.folder.saeAside(key)));
  }
  return made;
}

/** Removes what training needed to go on: nobody trains these any more. */
export async function clearTraining(
  stage: Pick<TrainStage, 'folder'>,
  keys: Iterable<string>,
): Promise<void> {
  for (const key of keys) {
    await rm(stage.folder.trainingState(key), { force: true });
    await rm(folderOfSnapshots(stage, key), { recursive: true, force: true });
  }
}

function folderOfSnapshots({ folder }: Pick<TrainStage, 'folder'>, key: string): string {
  return join(folder.work, 'steps', key);
}

/** Puts the snapshots beside the checkpoint. */
async function placeSnapshots(
  stage: TrainStage,
  { settings, site }: PlannedGroup,
  key: string,
  to: string,
  upTo: number,
): Promise<void> {
  const from = folderOfSnapshots(stage, key);
  const { rows } = stage.source.shapeOf(site);
  const whole = Number.isFinite(upTo) || (await hasSnapshots(from, settings, rows, key, upTo));
  if (!whole) {
    throw new ReseedError('internal.control', 'a snapshot of the training is missing', {
      file: join(from, 'snapshots'),
      expected: 'all that training wrote; trained anew, they come back',
    });
  }
  const files = (await readdir(from, { recursive: true, withFileTypes: true }).catch(() => [])).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.'),
  );
  for (const { parentPath, name } of files) {
    const target = join(to, parentPath.slice(from.length + 1), name);
    await makeFolder(dirname(target));
    const source = join(parentPath, name);
    // Some file systems know no links.
    await link(source, target).catch(() => copyFile(source, target));
  }
}

async function publish(stage: TrainStage, key: string, at: string): Promise<void> {
  const place = stage.folder.saeAside(key);
  await makeFolder(dirname(place));
  try {
    await rename(at, place);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw fileError(place, 'write', cause);
    const [mine, first] = [await hashesIn(key, at), await hashesIn(key, place)];
    const differing = Object.keys(mine).find((name) => mine[name] !== first[name]);
    if (differing === undefined) return;
    throw new ReseedError('internal.control', 'two attempts at one SAE made different bytes', {
      file: place,
      field: differing,
      found: mine[differing],
      expected: String(first[differing]),
    });
  }
}

async function hashesIn(key: string, folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of Object.values(saelensFiles)) {
    hashes[`${key}/${name}`] = await hashOfFile(join(folder, name));
  }
  return hashes;
}
