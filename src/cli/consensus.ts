// `reseed consensus <sae>… --to <folder>`: the features that these SAEs agree on, as one dictionary.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Consensus } from '../compare/consensus/consensus.js';
import { defined } from '../defined.js';
import { viewNames } from '../features/families/view.js';
import type { KernelChoice } from '../kernel/select.js';
import { decimalBetween, kernelChoice, wholeNumber } from './arguments.js';
import { commandLine, type GivenFlags, refuseStudy, requireInits } from './given-saes.js';
import { untilInterrupted } from './interrupt.js';
import { showFound } from './show-found.js';
import { withStatedOptions } from './stated-options.js';
import { terminalPage } from './terminal-page.js';
import { type OpenedSaes, withSaes } from './with-saes.js';

interface ConsensusFlags extends GivenFlags {
  readonly to: string;
  readonly by: (typeof viewNames)[number];
  readonly cosine?: number;
  readonly support?: number;
  readonly keepK?: number;
  readonly steps: number;
  readonly json?: string;
  readonly threads?: number;
  readonly kernel: KernelChoice;
  readonly seed: number;
  readonly cache: boolean;
  readonly color: boolean;
}

export function consensusCommand(): Command {
  const command = new Command('consensus')
    .description('the features that several SAEs agree on, as one dictionary')
    .argument(
      '<sae...>',
      'two or more SAEs: files of weights, folders of them, or one file of several; behind a colon what holds for one alone',
    )
    .addOption(
      new Option('--to <folder>', 'where the dictionary, its families and a report go').makeOptionMandatory(),
    )
    .option(
      '--activations <path>',
      'activations that the SAEs encode, [rows × d_model]: .npy, .npz, .safetensors or .pt, or a folder of them',
    )
    .option(
      '--drop-first <n>',
      'leave out the first positions of each sequence of activations',
      wholeNumber(0),
    )
    .option('--init <sae...>', 'the same SAEs before training, in the same order')
    .addOption(
      new Option('--by <what>', 'features are the same by these').choices(viewNames).default('directions'),
    )
    .option(
      '--cosine <c>',
      '|cosine| that holds between all features of a family (default: 0.7)',
      decimalBetween(0.5, 1),
    )
    .option(
      '--support <n>',
      'a family in so many SAEs is a feature of the dictionary (default: more than half of them)',
      wholeNumber(2),
    )
    .option(
      '--keep-k <n>',
      'features of a row that the dictionary keeps (default: as many as the SAEs do)',
      wholeNumber(1),
    )
    .option('--steps <n>', 'steps of fitting its encoder and biases to the activations', wholeNumber(0), 1000)
    .option('--json <file>', 'write what was found as JSON; - writes it to stdout, and nothing else')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native, portable or webgpu', kernelChoice, 'auto')
    .option('--seed <n>', 'seed of what is drawn', wholeNumber(0), 0)
    .option('--no-cache', 'keep nothing between runs, and recall nothing')
    .option('--no-color', 'no colours, even on a terminal')
    .addHelpText(
      'after',
      `
A family is a feature of several SAEs: one of each at most, of which every two are as near as --cosine says, and nearer
than chance. What is written: saelens/ and sae.safetensors, the dictionary for SAELens and for any other reader; families.parquet,
a row for each feature of a family; consensus.json, report.md and figures.
Without activations the directions and encoders of a family are averaged; with them encoder and biases are fitted, and the report says how much
of held-out rows the dictionary keeps. SAEs and activations are named as for compare.
What was computed is kept in a cache ($XDG_CACHE_HOME/reseed, or $RESEED_CACHE), so the same command continues where it was
stopped.`,
    );
  return withStatedOptions(command).action(makeConsensus);
}

async function makeConsensus(given: string[], flags: ConsensusFlags): Promise<void> {
  requireInits(given.length, flags.init);
  await refuseStudy(flags.to, '--to');
  // Loaded here, so that --help and a wrong argument are answered at once.
  const { consensusResult } = await import('../compare/consensus/result.js');
  await withSaes(given, flags, async (opened) => {
    const { kernel, saes } = opened;
    const found = await findConsensus(opened, flags);
    const result = consensusResult(found, saes, {
      kernel,
      createdAt: new Date().toISOString(),
      command: commandLine(),
    });
    await writeConsensus(flags.to, found, result, saes[0].origin?.path);
    await show(result, flags);
  });
}

/** What was computed is kept where a cache is wanted. */
async function findConsensus(
  { kernel, progress, saes, read }: OpenedSaes,
  flags: ConsensusFlags,
): Promise<Consensus> {
  const [{ consensus }, { ConsensusMeter }, { cacheFolder, keepIn, prune }] = await Promise.all([
    import('../compare/consensus/consensus.js'),
    import('../compare/consensus/parts.js'),
    import('../formats/kept-files.js'),
  ]);
  const cache = flags.cache ? cacheFolder() : undefined;
  const meter = new ConsensusMeter(progress.listen, saes, read?.activations.rows ?? 0, flags.steps);
  const stopped =
    cache === undefined
      ? 'Nothing was written.'
      : 'What was computed is kept: the same command continues from there.';
  const found = await untilInterrupted(
    progress,
    { stopping: 'stopping at the next safe point', stopped },
    (signal) =>
      consensus(saes, {
        kernel,
        ...(read ? { activations: read.activations, activationsFile: read.activationsFile } : {}),
        by: flags.by,
        ...defined({ cosine: flags.cosine, support: flags.support, k: flags.keepK }),
        steps: flags.steps,
        seed: flags.seed,
        ...defined({ keep: cache === undefined ? undefined : keepIn(cache) }),
        signal,
        onProgress: (part, share) => meter.at(part, share),
      }),
  );
  progress.end();
  if (cache !== undefined) await prune(cache);
  return found;
}

type Result = import('../results/consensus-result.js').ConsensusResult;

async function writeConsensus(to: string, found: Consensus, result: Result, first = 'memory'): Promise<void> {
  const [{ consensusFiles, dictionaryFiles }, { openStudyFolder }] = await Promise.all([
    import('../compare/consensus/files.js'),
    import('../study/folder.js'),
  ]);
  const folder = await openStudyFolder(to);
  // A dictionary that an earlier run has written is not of these families.
  if (!result.dictionary) for (const file of dictionaryFiles) await rm(join(to, file), { force: true });
  for await (const { path, content } of consensusFiles(found, result, first))
    await folder.write(path, content);
}

async function show(result: Result, { to, json, color }: ConsensusFlags): Promise<void> {
  const [{ serializeConsensus }, { renderConsensus }] = await Promise.all([
    import('../results/consensus-result.js'),
    import('../report/consensus/consensus-text.js'),
  ]);
  const shown = await showFound(json, {
    serialize: () => serializeConsensus(result),
    page: () => renderConsensus(result, terminalPage(color)),
  });
  if (!shown) return;
  const dictionary = result.dictionary ? `Dictionary: ${join(to, 'saelens')}\n` : '';
  process.stdout.write(`\n${dictionary}Report: ${join(to, 'report.md')}\n`);
}
