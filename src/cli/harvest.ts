// `reseed harvest <model> <text>`: hidden states of an ONNX language model on a text, with the token of each row.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { HarvestSettings } from '../activations/onnx/harvest.js';
import type { Harvested } from '../activations/onnx/harvest-folder.js';
import type { OpenModel } from '../activations/onnx/open-model.js';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { wholeNumber } from './arguments.js';
import { untilInterrupted } from './interrupt.js';
import { type ProgressView, showProgress } from './show-progress.js';

interface HarvestFlags extends Omit<HarvestSettings, 'tensors' | 'keepSeparators' | 'float16'> {
  readonly list?: true;
  readonly tensor?: string[];
  readonly to?: string;
  readonly separator: string | boolean;
  readonly keepSeparators?: true;
  readonly float16?: true;
  readonly tokenizer?: string;
  readonly threads: number;
}

export function harvestCommand(): Command {
  return new Command('harvest')
    .description('take hidden states of an ONNX language model on a text, with the token of each row')
    .argument('<model>', 'a .onnx file, or the folder of a model')
    .argument('[text]', '.txt, .jsonl or .parquet')
    .option('--list', 'print the tensors that can be taken, and take none')
    .option('--tensor <names...>', 'what to take: blocks.6.hook_resid_post, or the name of a tensor')
    .option('--to <folder>', 'where shards and tokens.parquet go')
    .option('--context <n>', 'tokens of a sequence', wholeNumber(2), 128)
    .option('--batch <n>', 'sequences that the model reads at once', wholeNumber(1), 8)
    .option('--contexts <n>', 'sequences at the most (default: all that the text fills)', wholeNumber(1))
    .option('--column <name>', 'key of .jsonl, column of .parquet (default: text)')
    .option(
      '--separator <token>',
      'token before each sequence and between texts (default: bos, cls, eos or sep)',
    )
    .option('--no-separator', 'no such token')
    .option('--keep-separators', 'take the rows of separators, too')
    .option('--drop-first <n>', 'leave out the first positions of each sequence', wholeNumber(0), 0)
    .option('--float16', 'store float16: half the space')
    .option('--shard-rows <n>', 'rows of a shard, about', wholeNumber(1), 16_384)
    .option('--tokenizer <path>', 'a tokenizer.json, or its folder (default: beside the model)')
    .option('--threads <n>', 'threads (default: all cores)', wholeNumber(1), availableParallelism())
    .addHelpText(
      'after',
      `
Needs two packages that reseed does not bring: onnxruntime-node (or onnxruntime-web, which is slower) and @huggingface/tokenizers.
Only the nodes that the tensors need are computed. Compare with what was taken:
  reseed compare <sae...> --activations FOLDER --tokens FOLDER --out REPORT
Of several tensors name one: FOLDER#blocks.6.hook_resid_post. The same command continues where it was stopped, and ends with the
same bytes.`,
    )
    .action(takeStates);
}

async function takeStates(path: string, text: string | undefined, flags: HarvestFlags): Promise<void> {
  if (!flags.list) requireWhole(text, flags);
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ openModel }, { loadRuntime }] = await Promise.all([
    import('../activations/onnx/open-model.js'),
    import('../activations/onnx/runtime.js'),
  ]);
  const runtime = await loadRuntime();
  const progress = showProgress(process.stderr);
  progress.line(`${runtime.name}, ${flags.threads} threads`);
  progress.status(`reading ${path}`);
  try {
    const { tokenizer, threads } = flags;
    const model = await openModel(path, {
      runtime,
      threads,
      ...defined({ tokenizer }),
    });
    if (flags.list) printTensors(model, progress);
    else await take(model, text as string, flags, progress);
  } finally {
    progress.end();
  }
}

function requireWhole(text: string | undefined, { tensor, to }: HarvestFlags): void {
  const missing = [
    ...(text === undefined ? ['the text'] : []),
    ...(tensor ? [] : ['--tensor NAME']),
    ...(to === undefined ? ['--to FOLDER'] : []),
  ];
  if (missing.length === 0) return;
  throw new ReseedError('usage.argument', 'options are missing', {
    field: 'harvest',
    expected: `${missing.join(', ')}; --list shows which tensors there are`,
  });
}

function printTensors({ tensors, sites, model }: OpenModel, progress: ProgressView): void {
  progress.end();
  const names = new Map<string, string[]>();
  for (const [site, tensor] of sites) names.set(tensor, [...(names.get(tensor) ?? []), site]);
  const widest = Math.max(0, ...tensors.map(({ name }) => name.length));
  const lines = tensors.map(({ name, width, op }) =>
    `${name.padEnd(widest)}  ${String(width).padStart(6)}  ${op}  ${(names.get(name) ?? []).join(', ')}`.trimEnd(),
  );
  process.stdout.write(
    `${model.file}: ${tensors.length} tensors with a row for each token: name, width, operator, site\n\n${lines.join('\n')}\n`,
  );
}

async function take(
  model: OpenModel,
  text: string,
  flags: HarvestFlags,
  progress: ProgressView,
): Promise<void> {
  const [{ harvest }, { loadTokenizer }, { StageMeter }] = await Promise.all([
    import('../activations/onnx/harvest.js'),
    import('../activations/onnx/tokenizer.js'),
    import('../compare/progress.js'),
  ]);
  const { separator } = flags;
  const tokenizer = await loadTokenizer(model.tokenizerFile, separator === true ? {} : { separator });
  const meter = new StageMeter(progress.listen, 'harvest', 1);
  const started = performance.now();
  let [reached, there, taken] = [0, 0, 0];
  const { tensor = [], to = '', contexts, column } = flags;
  const harvested = await untilInterrupted(
    progress,
    {
      stopping: 'stopping after this batch',
      stopped: 'Shards that are whole are kept: the same command continues from there.',
    },
    (signal) =>
      harvest({
        model,
        text,
        to,
        tokenizer,
        tensors: tensor,
        context: flags.context,
        batch: flags.batch,
        ...defined({ contexts, column }),
        keepSeparators: flags.keepSeparators === true,
        dropFirst: flags.dropFirst,
        float16: flags.float16 === true,
        shardRows: flags.shardRows,
        signal,
        onProgress(share, rows, kept) {
          if (kept) meter.skip(share - reached);
          else {
            meter.reach(share);
            taken += rows - there;
          }
          [reached, there] = [share, rows];
          meter.at(`${rows.toLocaleString('en')} rows`);
        },
      }),
  );
  progress.end();
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(described(to, tensor, harvested, taken / seconds));
}

function described(
  to: string,
  tensors: readonly string[],
  { rows, contexts, width, shards }: Harvested,
  pace: number,
): string {
  const of = tensors.length > 1 ? ` of ${tensors.length} tensors` : '';
  const speed = pace > 0 ? `, ${Math.round(pace)} rows a second` : '';
  return `${to}: ${rows} rows${of}, ${width} wide, from ${contexts} sequences; ${shards} shards and ${join(to, 'tokens.parquet')}${speed}\n`;
}
