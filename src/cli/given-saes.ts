// The SAEs and activations that a command is given: opened, named, and with what is known of their start.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActivationRows } from '../activations/activation-rows.js';
import type { ComparedSae } from '../compare/compare.js';
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import type { StatedSettings } from '../sae/stated-settings.js';
import type { Matrix } from '../tensor/matrix.js';
import { executorFlags, variadicFlags } from './executor-options.js';
import { nameSaes } from './name-saes.js';
import type { SaeArgument } from './sae-argument.js';
import type { ProgressView } from './show-progress.js';
import { type StatedFlags, statedIn, targetsAlone } from './stated-options.js';

/** How SAEs and activations are named on the command line. */
export interface GivenFlags extends StatedFlags {
  readonly activations?: string;
  readonly targets?: string;
  readonly dropFirst?: number;
  /** Of each row of activations. */
  readonly tokens?: string;
  readonly init?: string[];
}

export function requireInits(saes: number, inits: readonly unknown[] | undefined): void {
  if (!inits || inits.length === saes) return;
  throw new ReseedError('usage.argument', 'one is needed for each SAE', {
    field: '--init',
    found: String(inits.length),
    expected: String(saes),
  });
}

/** The SAEs of a file that holds several, one by one; what holds for the file holds for each. */
export async function everySae(given: readonly SaeArgument[]): Promise<SaeArgument[]> {
  const { saesAt } = await import('../sae/checkpoint.js');
  const all: SaeArgument[] = [];
  for (const { path, own } of given) all.push(...(await saesAt(path)).map((one) => ({ path: one, own })));
  return all;
}

export interface Opening {
  readonly flags: GivenFlags;
  readonly kernel: Kernel;
  readonly progress: ProgressView;
  readonly read?: GivenActivations;
  /** Before training, in the order of the SAEs. */
  readonly inits?: readonly SaeArgument[];
}

export async function openSaes(
  named: readonly SaeArgument[],
  { flags, kernel, progress, read, inits }: Opening,
): Promise<ComparedSae[]> {
  const [{ openSae }, { knownInit }, { trainingRecord }] = await Promise.all([
    import('../sae/open-sae.js'),
    import('../training/known-init.js'),
    import('../study/training-record.js'),
  ]);
  const names = nameSaes(named.map(({ path }) => path));
  const targets = read?.targets && (await someRows(read.targets));
  const shared = read && (await someRows(read.activations));
  const saes: ComparedSae[] = [];
  for (const [i, { path, own }] of named.entries()) {
    progress.status(`reading ${path}`);
    const stated: StatedSettings = {
      ...statedIn({ ...flags, ...own }),
      ...(read ? {} : { weightsOnly: true }),
    };
    const activations = own.activations === undefined ? undefined : read?.own.get(own.activations);
    // What neither files nor flags say may show on activations; before training it does not.
    const x = activations ? await someRows(activations) : shared;
    const shown = x ? { ...stated, activations: { x, kernel, ...(targets ? { targets } : {}) } } : stated;
    const { sae, origin, record, assumptions } = await openSae(path, shown);
    if (origin.format === 'decoder')
      progress.line(`${path}: taken for a decoder alone, ${assumptions.at(-1)?.taken}`);
    const init = inits ? (await openSae(inits[i].path, stated)).sae : knownInit(sae, record);
    const training = trainingRecord(record);
    saes.push({
      id: names[i],
      sae,
      origin,
      ...(activations ? { activations } : {}),
      ...(init ? { init } : {}),
      ...(training ? { training } : {}),
    });
  }
  return saes;
}

export interface GivenActivations {
  readonly activations: Matrix | ActivationRows;
  readonly activationsFile: string;
  /** What transcoders should write, row by row of the same. */
  readonly targets?: ActivationRows;
  /** By path: those of SAEs that have their own. */
  readonly own: ReadonlyMap<string, Matrix>;
  readonly notes: readonly string[];
  /** Closes the files that are read on the way. */
  close(): Promise<void>;
}

/**
 * Those that all SAEs read, else those of the first, and those of each that has its own; undefined where there are none.
 * @throws usage.argument where only some have any
 */
export async function readActivations(
  named: readonly SaeArgument[],
  { activations: shared, targets: wanted, dropFirst = 0, tokens }: GivenFlags,
): Promise<GivenActivations | undefined> {
  const paths = named.map(({ own }) => own.activations);
  if (shared === undefined && paths.every((path) => path === undefined)) {
    if (wanted === undefined) return undefined;
    throw targetsAlone();
  }
  const without = named.find(({ own }) => shared === undefined && own.activations === undefined);
  if (without) {
    throw new ReseedError('usage.argument', 'others have activations, and it has none', {
      field: without.path,
      expected: `${without.path}:activations=FILE, or --activations FILE for all that have none of their own`,
    });
  }
  const { openWithoutFirst } = await import('../activations/without-first.js');
  const notes: string[] = [];
  const opened: ActivationRows[] = [];
  const open = async (path: string) => {
    const rows = await openWithoutFirst(path, dropFirst, tokens);
    opened.push(rows);
    notes.push(...(rows.notes ?? []));
    return rows;
  };
  const own = new Map<string, Matrix>();
  for (const path of new Set(paths.filter((one) => one !== undefined))) {
    const rows = await open(path);
    own.set(path, await rows.read(0, rows.rows));
    await rows.close();
  }
  const activationsFile = shared ?? (paths[0] as string);
  const activations = shared === undefined ? (own.get(activationsFile) as Matrix) : await open(shared);
  const targets = wanted === undefined ? undefined : await open(wanted);
  const close = async () => {
    for (const rows of opened) await rows.close();
  };
  return { activations, activationsFile, ...(targets ? { targets } : {}), own, notes, close };
}

/** Some of the rows, evenly from the whole: enough to tell which reading of a file reconstructs them. */
async function someRows(activations: Matrix | ActivationRows): Promise<Matrix> {
  const [{ takeActivationRows }, { rowsOf }] = await Promise.all([
    import('../activations/chosen-rows.js'),
    import('../activations/activation-rows.js'),
  ]);
  const rows = 'read' in activations ? activations : rowsOf(activations);
  const count = Math.min(256, rows.rows);
  return takeActivationRows(
    rows,
    Int32Array.from({ length: count }, (_, n) => Math.floor((n * rows.rows) / count)),
  );
}

/**
 * As it was typed, without how messages are written and who does the work, which change nothing; arguments with other than plain
 * characters in quotes.
 */
export function commandLine(argv: readonly string[] = process.argv.slice(2)): string {
  const quoted = withoutExecutor(argv)
    .filter((text, i, all) => text !== '--messages' && all[i - 1] !== '--messages')
    .map((text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`));
  return ['reseed', ...quoted].join(' ');
}

function withoutExecutor(argv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const [flag] = argv[at].split('=');
    if (!executorFlags.includes(flag)) {
      kept.push(argv[at]);
      continue;
    }
    if (argv[at].includes('=')) continue;
    at++;
    // Some take several values.
    while (variadicFlags.includes(flag) && at + 1 < argv.length && !argv[at + 1].startsWith('-')) at++;
  }
  return kept;
}

/** The folder of a study holds results that training made; what a command finds must not take their place. */
export async function refuseStudy(folder: string, flag: string): Promise<void> {
  if (!(await stat(join(folder, '.work')).catch(() => undefined)) || (await isComparison(folder))) return;
  throw new ReseedError('input.file', 'it is the folder of a study', {
    file: folder,
    expected: `a folder of its own for the ${flag === '--out' ? 'comparison' : 'consensus'} (${flag})`,
  });
}

/** Whether `.work` is what an earlier comparison of other processes has left. */
async function isComparison(folder: string): Promise<boolean> {
  try {
    const job = JSON.parse(await readFile(join(folder, '.work', 'job.json'), 'utf8')) as {
      what?: { kind?: unknown };
    };
    return job.what?.kind === 'compare';
  } catch {
    return false;
  }
}
