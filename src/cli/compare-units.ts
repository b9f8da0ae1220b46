// Pairs of a comparison measured by other processes: the driver's part, and a worker's.

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type ComparedSae,
  type CompareOptions,
  type Comparison,
  compare,
  comparedGroup,
} from '../compare/compare.js';
import type { Listener } from '../compare/progress.js';
import { contentKey } from '../evidence/content-key.js';
import { measuringVersions } from '../evidence/versions.js';
import { keepIn } from '../formats/kept-files.js';
import { type Keep, type Key, keyText } from '../keep.js';
import type { Kernel } from '../kernel/interface.js';
import type { KernelChoice } from '../kernel/select.js';
import { dModel, dSae } from '../sae/sae.js';
import type { ExecutorSettings } from '../study/config/executor.js';
import { fillStore } from '../study/executors/fill-store.js';
import { cpusOf, openExecutor } from '../study/executors/open-executor.js';
import { openStudyFolder, type StudyFolder } from '../study/folder.js';
import type { CompareJob } from '../study/units/job.js';
import { measurePair } from '../study/units/measure-pair.js';
import { pairUnits, usualBundle } from '../study/units/plan-units.js';
import type { Unit } from '../study/units/unit.js';
import type { GroupSizes } from '../study/units/unit-costs.js';
import type { Made } from '../study/units/unit-store.js';
import type { UnitWorkHooks } from '../study/units/work-on-unit.js';
import { ownCommand } from './executor-options.js';
import { everySae, type GivenActivations, type GivenFlags, openSaes, readActivations } from './given-saes.js';
import { nameSaes } from './name-saes.js';
import { saeArgument } from './sae-argument.js';

/** Active features a row where the SAE does not say. */
const usual = 64;

/** What a comparison needs that other processes do. */
export interface ExecutorComparison {
  readonly out: string;
  readonly settings: ExecutorSettings;
  /** As they were named on the command line. */
  readonly given: readonly string[];
  readonly flags: GivenFlags & { readonly kernel: KernelChoice };
  readonly read?: GivenActivations;
  readonly listen: Listener;
  readonly signal: AbortSignal;
}

/** The comparison, after other processes have measured the pairs. @throws as `fillStore` and `compare`; input.locked */
export async function compareByExecutor(
  saes: readonly ComparedSae[],
  options: CompareOptions,
  by: ExecutorComparison,
): Promise<Comparison> {
  const folder = await openStudyFolder(by.out);
  const unlock = await folder.lock();
  try {
    await giveOutPairs(folder, saes, options, by);
    return await compare(saes, { ...options, keep: keepOfFolder(folder, options.keep) });
  } finally {
    await unlock();
  }
}

async function giveOutPairs(
  folder: StudyFolder,
  saes: readonly ComparedSae[],
  { seed = 0, draws = 20 }: CompareOptions,
  { settings, given, flags, read, listen, signal }: ExecutorComparison,
): Promise<void> {
  const contents: string[] = [];
  for (const { init: _, codes: __, ...member } of saes) contents.push(await contentKey(member));
  const seen = read && (await stat(read.activationsFile).catch(() => undefined));
  const data = read ? [resolve(read.activationsFile), seen?.size ?? 0, seen?.mtimeMs ?? 0] : [];
  const scope: Key = [JSON.stringify(measuringVersions), ...contents, ...data];
  const units = pairUnits(
    comparedGroup,
    saes.map(({ id }) => id),
    sizesOf(saes, read),
    { bundleSeconds: settings.bundle ?? usualBundle, cpus: cpusOf(settings), seed },
    [keyText(scope)],
    () => [],
  );
  const what: CompareJob = {
    kind: 'compare',
    cwd: process.cwd(),
    saes: given,
    flags: readingFlags(flags),
    seed,
    draws,
  };
  await fillStore({
    folder,
    what,
    kernel: flags.kernel,
    units,
    executor: openExecutor(settings),
    command: ownCommand(),
    listen,
    signal,
  });
}

/** Those that say how SAEs and activations are read. */
function readingFlags(flags: GivenFlags): GivenFlags {
  const names = [
    'activations',
    'targets',
    'dropFirst',
    'init',
    'architecture',
    'k',
    'subtractDecoderBias',
    'transcoder',
    'ignore',
  ] as const satisfies readonly (keyof GivenFlags)[];
  return Object.fromEntries(names.map((name) => [name, flags[name]])) as GivenFlags;
}

function sizesOf(saes: readonly ComparedSae[], read: GivenActivations | undefined): GroupSizes {
  const most = (of: (one: ComparedSae) => number) => Math.max(...saes.map(of));
  const [features, width] = [most(({ sae }) => dSae(sae)), most(({ sae }) => dModel(sae))];
  const bounded = saes.every(({ sae }) => 'k' in sae.activation);
  return {
    features,
    width,
    rows: read?.activations.rows ?? 0,
    active: bounded ? most(({ sae }) => ('k' in sae.activation ? sae.activation.k : usual)) : usual,
    bounded,
    saes: saes.length,
    weights: 4 * (2 * features * width + features + width),
  };
}

/** What the folder holds comes first, then the cache of the machine. */
function keepOfFolder(folder: StudyFolder, cache: Keep | undefined): Keep {
  const own = keepIn(folder.parts);
  if (!cache) return own;
  return (key, compute) => own(key, () => cache(key, compute));
}

/** A worker's part: opens two SAEs at a time. @throws as `compare` */
export async function measureComparedPairs(
  { cwd, saes, flags: said, seed, draws }: CompareJob,
  folder: StudyFolder,
  { work }: Unit,
  { kernel, signal, onProgress }: UnitWorkHooks & { readonly kernel: Kernel },
): Promise<Made> {
  if (work.kind !== 'pairs') return {};
  process.chdir(cwd);
  const flags = said as GivenFlags;
  const named = await everySae(await Promise.all(saes.map(saeArgument)));
  const inits = flags.init && (await everySae(flags.init.map((path) => ({ path, own: {} }))));
  const names = nameSaes(named.map(({ path }) => path));
  const made: Record<string, string> = {};
  for (const [at, { a, b, measures }] of work.pairs.entries()) {
    const places = [names.indexOf(a), names.indexOf(b)];
    const chosen = places.map((place) => named[place]);
    const read = await readActivations(chosen, flags);
    try {
      const opened = await openSaes(chosen, {
        flags,
        kernel,
        progress: silent,
        ...(read ? { read } : {}),
        ...(inits ? { inits: places.map((place) => inits[place]) } : {}),
      });
      const [one, other] = opened.map((sae, i) => ({
        ...sae,
        id: [a, b][i],
        origin: sae.origin ?? { format: 'memory' as const },
      }));
      const found = await measurePair(
        {
          id: comparedGroup,
          saes: [one, other],
          x: read?.activations,
          targets: read?.targets,
          file: read?.activationsFile,
        },
        measures,
        {
          kernel,
          seed,
          draws,
          keep: keepIn(folder.parts),
          ...(signal ? { signal } : {}),
          onProgress: (part, share = 0) =>
            onProgress((at + share) / work.pairs.length, `${a} · ${b} by ${part}`),
        },
      );
      for (const [measure, hash] of Object.entries(found)) made[`${a} · ${b}, ${measure}`] = hash;
    } finally {
      await read?.close();
    }
  }
  return made;
}

const silent = { listen: () => {}, status: () => {}, line: () => {}, end: () => {} };
