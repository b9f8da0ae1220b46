// `reseed compare <sae>…`: do the features of these SAEs come back, by every score, each beside its null.

import { join } from 'node:path';
import { Command } from 'commander';
import type { Tokens } from '../activations/tokens.js';
import type { CompareOptions, Comparison } from '../compare/compare.js';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { KernelChoice } from '../kernel/select.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { type ExecutorFlags, executorIn, withExecutorOptions } from './executor-options.js';
import { commandLine, type GivenFlags, refuseStudy, requireInits } from './given-saes.js';
import { untilInterrupted } from './interrupt.js';
import { showFound } from './show-found.js';
import type { ProgressView } from './show-progress.js';
import { withStatedOptions } from './stated-options.js';
import { terminalPage } from './terminal-page.js';
import { type OpenedSaes, withSaes } from './with-saes.js';

interface CompareFlags extends GivenFlags, ExecutorFlags {
  readonly tokens?: string;
  readonly json?: string;
  readonly out?: string;
  readonly cell?: string;
  readonly explore?: boolean;
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
    .option(
      '--targets <path>',
      'what transcoders should write for these activations, row by row of the same tokens',
    )
    .option(
      '--drop-first <n>',
      'leave out the first positions of each sequence of activations',
      wholeNumber(0),
    )
    .option(
      '--tokens <file>',
      'the token of each row of activations: positions and tokens are looked at, and --out has examples.parquet',
    )
    .option('--init <sae...>', 'the same SAEs before training, in the same order')
    .option('--json <file>', 'write the results as JSON; - writes them to stdout, and nothing else')
    .option('--out <folder>', 'write results, report, figures and features.parquet into a folder')
    .option('--cell <file>', 'write the answer, the scores and their figure as HTML for a cell of a notebook')
    .option('--explore', 'look at every feature on a page, until Ctrl-C; with --out')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native, portable or webgpu', kernelChoice, 'auto')
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
subtract-decoder-bias=yes|no, transcoder=yes|no, ignore=NAME. Activations of one SAE are row by row of the same tokens as those of the
others.
Without activations, codes are not compared and dead features cannot be seen. Where the files of an SAE leave open how it
encodes, the flags decide, or the one reading that reconstructs the activations; else it is refused. Without --init, weights before
training are known only for SAEs that reseed has trained. Progress goes to stderr, results to stdout.
What was measured is kept in a cache ($XDG_CACHE_HOME/reseed, or $RESEED_CACHE), so the same command continues where it was
stopped, and one SAE more costs its own pairs only.`,
    );
  return withExecutorOptions(withStatedOptions(command)).action(compareFiles);
}

async function compareFiles(given: string[], flags: CompareFlags): Promise<void> {
  const { out } = flags;
  requireInits(given.length, flags.init);
  requireOut(flags);
  requireTokensUsed(flags);
  if (out !== undefined) await refuseStudy(out, '--out');
  const tokens = await tokensOf(flags);
  await withSaes(given, flags, async (opened) => {
    // Loaded while the kernel's threads work; what goes wrong shows where they are used.
    if (out !== undefined) reportWriters().catch(() => {});
    const comparison = await compareOpened(given, opened, tokens, flags);
    if (out !== undefined) await writeReport(out, comparison, opened.progress);
    if (flags.cell !== undefined) await writeCell(flags.cell, comparison);
    await show(comparison, flags);
  });
  if (flags.explore && out !== undefined) await exploreComparison(out, flags.activations);
}

/** Measures, here or by other processes; what was measured is kept where a cache is wanted. */
async function compareOpened(
  given: string[],
  { kernel, progress, saes, read }: OpenedSaes,
  tokens: Tokens | undefined,
  flags: CompareFlags,
): Promise<Comparison> {
  const [{ compare, comparedGroup }, { PartMeter }, { cacheFolder, keepIn, prune }] = await Promise.all([
    import('../compare/compare.js'),
    import('../compare/part-meter.js'),
    import('../formats/kept-files.js'),
  ]);
  const { out } = flags;
  const { name, ...settings } = executorIn(flags);
  const cache = flags.cache ? cacheFolder() : undefined;
  const meter = new PartMeter(progress.listen, [
    { id: comparedGroup, saes, rows: read?.activations.rows ?? 0 },
  ]);
  const comparison = await untilInterrupted(
    progress,
    { stopping: 'stopping at the next safe point', stopped: stoppedWords(flags) },
    async (signal) => {
      const options: CompareOptions = {
        kernel,
        ...(read ? { activations: read.activations, activationsFile: read.activationsFile } : {}),
        ...(tokens ? { tokens, tokensFile: flags.tokens as string } : {}),
        ...defined({ targets: read?.targets, keep: cache === undefined ? undefined : keepIn(cache) }),
        seed: flags.seed,
        draws: flags.draws,
        command: commandLine(),
        signal,
        onProgress: (part, share) => meter.at(part, share),
      };
      if (name === undefined || out === undefined) return compare(saes, options);
      const { compareByExecutor } = await import('./compare-units.js');
      return compareByExecutor(saes, options, {
        out,
        settings: { ...settings, name },
        given,
        flags,
        ...defined({ read }),
        listen: progress.listen,
        signal,
      });
    },
  );
  progress.end();
  if (cache !== undefined) await prune(cache);
  return comparison;
}

/** @throws usage.argument where something is asked for that takes a folder, and there is none */
function requireOut(flags: CompareFlags): void {
  if (flags.out !== undefined) return;
  if (flags.explore) {
    throw new ReseedError('usage.argument', 'there is no folder that the page would show', {
      field: '--explore',
      expected: '--out FOLDER too',
    });
  }
  if (executorIn(flags).name !== undefined) {
    throw new ReseedError('usage.argument', 'there is no folder that other processes would work in', {
      field: '--executor',
      expected: '--out FOLDER too, on a file system that all of them share',
    });
  }
}

/** The SAEs lie where the command names them: those may be read for it. */
async function exploreComparison(out: string, activations: string | undefined): Promise<void> {
  const [{ explore }, { serveUntilInterrupted }] = await Promise.all([
    import('../server/explore.js'),
    import('./serve.js'),
  ]);
  const explorer = await explore(out, {
    outside: true,
    ...defined({ activations }),
  });
  await serveUntilInterrupted(explorer);
  await explorer.close();
}

async function tokensOf({ tokens, dropFirst = 0 }: CompareFlags): Promise<Tokens | undefined> {
  if (tokens === undefined) return undefined;
  const { readTokens } = await import('../activations/tokens.js');
  return readTokens(tokens, { dropFirst });
}

function requireTokensUsed({ tokens, activations }: CompareFlags): void {
  if (tokens === undefined || activations !== undefined) return;
  throw new ReseedError('usage.argument', 'they have no effect here', {
    field: '--tokens',
    found: 'no activations that they belong to',
    expected: '--activations FILE too',
  });
}

function stoppedWords({ cache }: CompareFlags): string {
  return cache ? 'What was measured is kept: the same command continues from there.' : 'Nothing was written.';
}

async function show({ results }: Comparison, { json, out, color }: CompareFlags): Promise<void> {
  const [{ serializeResults }, { renderTerminal }] = await Promise.all([
    import('../report/serialize-results.js'),
    import('../report/terminal.js'),
  ]);
  const shown = await showFound(json, {
    serialize: () => serializeResults(results),
    page: () => renderTerminal(results, terminalPage(color)),
  });
  if (shown && out !== undefined) process.stdout.write(`\nReport: ${join(out, 'report.html')}\n`);
}

async function writeCell(file: string, { results }: Comparison): Promise<void> {
  const [{ renderCell }, { figuresOf }, { writeFileAtomic }] = await Promise.all([
    import('../report/html/cell.js'),
    import('../report/figures/index.js'),
    import('../formats/atomic-write.js'),
  ]);
  await writeFileAtomic(file, renderCell(results, figuresOf(results)));
}

function reportWriters() {
  return Promise.all([
    import('../study/folder.js'),
    import('../report/render.js'),
    import('../report/serialize-results.js'),
    import('../report/feature-table.js'),
  ]);
}

async function writeReport(
  out: string,
  { results, features, families, examples }: Comparison,
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
  await folder.write(
    featuresFile,
    encodeFeatures(features ? [{ group, stability: features, ...(families ? { families } : {}) }] : []),
  );
  await folder.write('results.json', serializeResults(results));
  for (const { path, bytes } of await report) await folder.write(path, bytes);
}
