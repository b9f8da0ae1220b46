// `reseed compare <sae>…`: do the features of these SAEs come back, by every score, each beside its null.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import type { ActivationRows } from '../activations/activation-rows.js';
import type { Tokens } from '../activations/tokens.js';
import type { ComparedSae, Comparison } from '../compare/compare.js';
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import { type KernelChoice, selectKernel } from '../kernel/select.js';
import type { Stated } from '../sae/stated.js';
import type { Matrix } from '../tensor/matrix.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { untilInterrupted } from './interrupt.js';
import { nameSaes } from './name-saes.js';
import { type SaeArgument, saeArgument } from './sae-argument.js';
import { type ProgressView, showProgress } from './show-progress.js';
import { type StatedFlags, statedIn, targetsAlone, withStatedOptions } from './stated-options.js';

interface CompareFlags extends StatedFlags {
  readonly activations?: string;
  readonly targets?: string;
  readonly dropFirst?: number;
  readonly tokens?: string;
  readonly init?: string[];
  readonly json?: string;
  readonly out?: string;
  readonly threads?: number;
  readonly kernel: KernelChoice;
  readonly seed: number;
  readonly draws: number;
  readonly cache: boolean;
  readonly color: boolean;
}

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('compare SAEs: every score beside what chance gives, findings, and every feature')
    .argument(
      '<sae...>',
      'two or more SAEs: files of weights, folders of them, or one file of several; behind a colon what holds for one alone',
    )
    .option(
      '--activations <path>',
      'activations that the SAEs encode, [rows × d_model]: .npy, .npz, .safetensors or .pt, or a folder of them',
    )
    .option('--targets <path>', 'what transcoders should write for these activations, row by row of the same')
    .option(
      '--drop-first <n>',
      'leave out the first positions of each sequence of activations',
      wholeNumber(0),
    )
    .option('--tokens <file>', 'the token of each row of activations: adds examples.parquet to --out')
    .option('--init <sae...>', 'the same SAEs before training, in the same order')
    .option('--json <file>', 'write the results as JSON; - writes them to stdout, and nothing else')
    .option('--out <folder>', 'write results, report, figures and features.parquet into a folder')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native or portable', kernelChoice, 'auto')
    .option('--seed <n>', 'seed of sampled nulls', wholeNumber(0), 0)
    .option('--draws <n>', 'draws per sampled null', wholeNumber(2), 20)
    .option('--no-cache', 'keep nothing between runs, and recall nothing')
    .option('--no-color', 'no colours, even on a terminal')
    .addHelpText(
      'after',
      `
The files of a folder of activations are read in the order of their numbers. Where a file holds several tensors, name
one behind a #: x.npz#layer3. A file whose own name has the # comes first. [batch × sequence × d] is read as rows of
positions, a list of tensors of one width as one.
Of a file of several SAEs all are compared, or those that are named: seeds.pt#42, or stack.pt#3 by its number.
What holds for one SAE alone stands behind its path: a.pt:architecture=topk,k=32 b.pt:activations=xb.npy; also
subtract-decoder-bias=yes|no, transcoder=yes|no, ignore=NAME. Activations of one SAE are row by row of the same as those of the
others.
Without activations, codes are not compared and dead features cannot be seen. Where the files of an SAE leave open how it
encodes, the flags decide, or the one reading that reconstructs the activations; else it is refused. Without --init, weights before
training are known only for SAEs that reseed has trained. Progress goes to stderr, results to stdout.
What was measured is kept in a cache ($XDG_CACHE_HOME/reseed, or $RESEED_CACHE), so the same command continues where it was
stopped, and one SAE more costs its own pairs only.`,
    );
  return withStatedOptions(command).action(compareFiles);
}

async function compareFiles(given: string[], flags: CompareFlags): Promise<void> {
  const { out, json } = flags;
  requireInits(given.length, flags.init);
  requireTokensUsed(flags);
  if (out !== undefined) await refuseStudy(out);
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ compare, comparedGroup }, { PartMeter }, { cacheFolder, keepIn, prune }] = await Promise.all([
    import('../compare/compare.js'),
    import('../compare/part-meter.js'),
    import('../formats/kept-files.js'),
  ]);
  const kernel = selectKernel({
    kernel: flags.kernel,
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
  });
  const cache = flags.cache ? cacheFolder() : undefined;
  const progress = showProgress(process.stderr);
  progress.line(`kernel: ${kernel.id}, ${kernel.threads} threads (${kernel.reason})`);
  let read: GivenActivations | undefined;
  try {
    const named = await everySae(await Promise.all(given.map(saeArgument)));
    const inits = flags.init && (await everySae(flags.init.map((path) => ({ path, own: {} }))));
    requireInits(named.length, inits);
    read = await readActivations(named, flags);
    for (const note of read?.notes ?? []) progress.line(note);
    const saes = await openSaes(named, {
      flags,
      kernel,
      progress,
      ...(read ? { read } : {}),
      ...(inits ? { inits } : {}),
    });
    const meter = new PartMeter(progress.listen, [
      { id: comparedGroup, saes, rows: read?.activations.rows ?? 0 },
    ]);
    // Loaded while the kernel's threads work; what goes wrong shows where they are used.
    if (out !== undefined) reportWriters().catch(() => {});
    const comparison = await untilInterrupted(
      progress,
      { stopping: 'stopping at the next safe point', stopped: stoppedWords(flags) },
      (signal) =>
        compare(saes, {
          kernel,
          ...(read ? { activations: read.activations, activationsFile: read.activationsFile } : {}),
          ...(read?.targets ? { targets: read.targets } : {}),
          ...(read?.tokens ? { tokens: read.tokens, tokensFile: flags.tokens as string } : {}),
          seed: flags.seed,
          draws: flags.draws,
          command: commandLine(),
          ...(cache === undefined ? {} : { keep: keepIn(cache) }),
          signal,
          onProgress: (part, share) => meter.at(part, share),
        }),
    );
    progress.end();
    if (cache !== undefined) await prune(cache);
    if (out !== undefined) await writeReport(out, comparison, progress);
    await show(comparison, flags);
    if (out !== undefined && json !== '-') process.stdout.write(`\nReport: ${join(out, 'report.html')}\n`);
  } finally {
    progress.end();
    await read?.close();
    await kernel.close();
  }
}

function requireTokensUsed({ tokens, out, activations }: CompareFlags): void {
  if (tokens === undefined || (out !== undefined && activations !== undefined)) return;
  throw new ReseedError('usage.argument', 'they are of no use', {
    field: '--tokens',
    found:
      activations === undefined ? 'no activations that they belong to' : 'no folder for examples.parquet',
    expected: activations === undefined ? '--activations FILE too' : '--out FOLDER too',
  });
}

function stoppedWords({ cache }: CompareFlags): string {
  return cache ? 'What was measured is kept: the same command goes on from there.' : 'Nothing was written.';
}

function requireInits(saes: number, inits: readonly unknown[] | undefined): void {
  if (!inits || inits.length === saes) return;
  throw new ReseedError('usage.argument', 'each SAE needs one', {
    field: '--init',
    found: String(inits.length),
    expected: String(saes),
  });
}

/** The SAEs of a file that holds several, one by one; what holds for the file holds for each. */
async function everySae(given: readonly SaeArgument[]): Promise<SaeArgument[]> {
  const { saesAt } = await import('../sae/checkpoint.js');
  const all: SaeArgument[] = [];
  for (const { path, own } of given) all.push(...(await saesAt(path)).map((one) => ({ path: one, own })));
  return all;
}

interface Opening {
  readonly flags: CompareFlags;
  readonly kernel: Kernel;
  readonly progress: ProgressView;
  readonly read?: GivenActivations;
  /** Before training, in the order of the SAEs. */
  readonly inits?: readonly SaeArgument[];
}

async function openSaes(
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
    const stated: Stated = { ...statedIn({ ...flags, ...own }), ...(read ? {} : { weightsOnly: true }) };
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

interface GivenActivations {
  readonly activations: Matrix | ActivationRows;
  readonly activationsFile: string;
  /** What transcoders should write, row by row of the same. */
  readonly targets?: ActivationRows;
  /** The token of each row. */
  readonly tokens?: Tokens;
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
async function readActivations(
  named: readonly SaeArgument[],
  { activations: shared, targets: wanted, tokens: tokensFile, dropFirst = 0 }: CompareFlags,
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
  const { openActivations } = await import('../activations/activation-rows.js');
  const notes: string[] = [];
  const opened: ActivationRows[] = [];
  const open = async (path: string) => {
    const rows = await openActivations(path, { dropFirst });
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
  const tokens =
    tokensFile === undefined
      ? undefined
      : await (await import('../activations/tokens.js')).readTokens(tokensFile, { dropFirst });
  const close = async () => {
    for (const rows of opened) await rows.close();
  };
  return {
    activations,
    activationsFile,
    ...(targets ? { targets } : {}),
    ...(tokens ? { tokens } : {}),
    own,
    notes,
    close,
  };
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

async function show({ results }: Comparison, { json, color }: CompareFlags): Promise<void> {
  const [{ serializeResults }, { renderTerminal }, { writeFileAtomic }] = await Promise.all([
    import('../report/told-results.js'),
    import('../report/terminal.js'),
    import('../formats/atomic-write.js'),
  ]);
  if (json === '-') {
    process.stdout.write(serializeResults(results));
    return;
  }
  if (json !== undefined) await writeFileAtomic(json, serializeResults(results));
  const { isTTY, columns } = process.stdout;
  process.stdout.write(
    renderTerminal(results, {
      // hasColors knows NO_COLOR, FORCE_COLOR and TERM.
      colour: color && isTTY === true && process.stdout.hasColors(),
      width: isTTY ? Math.max(60, Math.min(100, columns || 80)) : 80,
    }),
  );
}

function reportWriters() {
  return Promise.all([
    import('../study/folder.js'),
    import('../report/render.js'),
    import('../report/told-results.js'),
    import('../report/feature-table.js'),
  ]);
}

async function writeReport(
  out: string,
  { results, features, examples }: Comparison,
  progress: ProgressView,
): Promise<void> {
  const [{ openStudyFolder }, { renderReport }, { serializeResults }, { encodeFeatures, featuresFile }] =
    await reportWriters();
  const folder = await openStudyFolder(out);
  const [{ id: group }] = results.groups;
  // Figures are drawn on other threads while this one writes the table.
  const report = renderReport(results);
  report.catch(() => {});
  if (examples) {
    const { encodeExamples, examplesFile } = await import('../report/example-table.js');
    progress.status('writing examples');
    await folder.write(examplesFile, encodeExamples(examples));
    progress.end();
  }
  await folder.write(featuresFile, encodeFeatures(features ? [{ group, stability: features }] : []));
  await folder.write('results.json', serializeResults(results));
  for (const { path, bytes } of await report) await folder.write(path, bytes);
}

/** The folder of a study holds results that training made; a comparison must not take their place. */
async function refuseStudy(out: string): Promise<void> {
  if (!(await stat(join(out, '.work')).catch(() => undefined))) return;
  throw new ReseedError('input.file', 'it is the folder of a study', {
    file: out,
    expected: 'a folder of its own for the comparison (--out)',
  });
}

/** As it was typed; arguments with other than plain characters in quotes. */
function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`));
  return ['reseed', ...quoted].join(' ');
}
