// What is said of several SAEs, in a folder or in one file: each of them, and which belong together.
import { ReseedError } from '../errors.js';
import type { FolderInspection, OtherFile, SaeSummary } from '../report/inspection.js';
import { type Checkpoint, openCheckpoint } from '../sae/checkpoint.js';
import { partsOf } from '../sae/parts.js';
import type { InspectOptions } from './inspect-options.js';
import { reasonOf, withoutFound, withoutPart } from './inspect-reasons.js';
import { summarise } from './inspect-sae.js';
import { patternOf } from './path-pattern.js';

/** Each SAE of a file that holds several. */
export async function inspectParts(
  checkpoint: Checkpoint,
  options: InspectOptions,
): Promise<FolderInspection> {
  const { path } = checkpoint;
  const listed = partsIn(checkpoint);
  const { groups, ...found } = await inspectEach(listed, options);
  const patterns = groups.map((paths) => (paths.length === listed.length ? path : null));
  return { kind: 'several', path, ...found, groups, patterns };
}

function partsIn({ path, tensors, ...rest }: Checkpoint): Listed[] {
  return partsOf(tensors).map((part) => {
    const own = `${path}#${part.name}`;
    return { path: own, part: part.name, open: (use) => use({ ...rest, path: own, tensors: part.tensors }) };
  });
}

export async function inspectFolder(
  path: string,
  checkpoints: readonly string[],
  options: InspectOptions,
): Promise<FolderInspection> {
  if (checkpoints.length === 0) {
    throw new ReseedError('input.format', 'it holds no file of weights', {
      file: path,
      expected: 'checkpoints of SAEs, in it or in folders within it',
    });
  }
  const listed = checkpoints.map((one): Listed => ({ path: one, open: (use) => openCheckpoint(one, use) }));
  const { wholes, ...found } = await inspectEach(listed, options);
  const patterns: (string | null)[] = [];
  for (const group of found.groups)
    patterns.push(wholes.get(group.join()) ?? (await patternOf(group)) ?? null);
  return { kind: 'folder', path, ...found, patterns };
}

interface Listed {
  readonly path: string;
  /** What the names of its tensors begin with, where it is one of several in a file. */
  readonly part?: string;
  open(use: (checkpoint: Checkpoint) => Promise<void>): Promise<void>;
}

interface Each extends Pick<FolderInspection, 'saes' | 'groups' | 'others'> {
  /** By the paths of all SAEs in a file that holds several: the file. */
  readonly wholes: ReadonlyMap<string, string>;
}

async function inspectEach(listed: readonly Listed[], options: InspectOptions): Promise<Each> {
  const saes: SaeSummary[] = [];
  const others: OtherFile[] = [];
  const wholes = new Map<string, string>();
  for (const { path, part, open } of listed) {
    try {
      await open(async (checkpoint) => {
        const parts = part === undefined ? partsIn(checkpoint) : [];
        if (parts.length <= 1) {
          saes.push(await summarise(path, part ?? '', checkpoint, options));
          return;
        }
        const within = await inspectEach(parts, options);
        saes.push(...within.saes);
        others.push(...within.others);
        wholes.set(parts.map((one) => one.path).join(), path);
      });
    } catch (error) {
      if (!(error instanceof ReseedError) || !error.code.startsWith('input.')) throw error;
      const [reason, kind] = [error, withoutFound(error)].map((one) =>
        withoutPart(reasonOf(one), part ?? ''),
      );
      others.push({ path, problem: error.message, reason, kind });
    }
  }
  return { saes, groups: groupsOf(saes), others, wholes };
}

/** SAEs that read the same place and are of one shape and kind: what differs is at most the seed. */
function groupsOf(saes: readonly SaeSummary[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const { path, format, architecture, dModel: d, dOut, dSae: features, k, hookName, origin } of saes) {
    const place = [hookName, origin.layer, origin.site];
    const key = JSON.stringify([format, architecture, d, dOut, features, k, ...place]);
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()].filter((paths) => paths.length > 1);
}
