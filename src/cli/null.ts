// `reseed null`: what a score gives for two SAEs of a given shape when there is nothing to find.

import { Command, InvalidArgumentError, Option } from 'commander';
import { defined } from '../defined.js';
import { openKernel } from '../kernel/open.js';
import type { KernelChoice } from '../kernel/select.js';
import type { ChanceLevel, Shape } from '../metrics/chance/chance-level.js';
import { metricsOfShapes } from '../metrics/chance/chance-level.js';
import type { MetricId } from '../metrics/registry.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { untilInterrupted } from './interrupt.js';
import { showProgress } from './show-progress.js';

interface NullFlags {
  readonly dModel: number;
  readonly dSae: number;
  readonly dSaeB?: number;
  readonly metric: MetricId;
  readonly draws: number;
  readonly seed: number;
  readonly json?: '-';
  readonly threads?: number;
  readonly kernel: KernelChoice;
}

function onlyStdout(text: string): '-' {
  if (text === '-') return text;
  throw new InvalidArgumentError('Expected -, for stdout.');
}

export function nullCommand(): Command {
  return new Command('null')
    .description('what chance gives: the score of two SAEs of this shape that have nothing in common')
    .requiredOption('--d-model <d>', 'width of the input', wholeNumber(1))
    .requiredOption('--d-sae <f>', 'features of the first SAE', wholeNumber(1))
    .option('--d-sae-b <g>', 'features of the second SAE (default: as many)', wholeNumber(1))
    .addOption(new Option('--metric <id>', 'which score').choices(metricsOfShapes).default('decoder.max'))
    .option('--draws <n>', 'pairs of random SAEs that are drawn', wholeNumber(2), 20)
    .option('--seed <n>', 'seed of the draws', wholeNumber(0), 0)
    .option('--json <file>', 'only -, which writes JSON to stdout and nothing else', onlyStdout)
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native, portable or webgpu', kernelChoice, 'auto')
    .action(printNull);
}

async function printNull(flags: NullFlags): Promise<void> {
  const { metric, seed, draws, dModel, dSae, dSaeB, threads } = flags;
  const { nullOf } = await import('../metrics/chance/chance-level.js');
  const progress = showProgress(process.stderr);
  const kernel = await openKernel({ kernel: flags.kernel, threads, onLine: progress.line });
  const shape: Shape = { dModel, dSae, ...defined({ dSaeB }) };
  progress.status(`drawing ${draws} pairs`);
  try {
    const level = await untilInterrupted(
      progress,
      { stopping: 'stopping at the next draw', stopped: 'Nothing was written.' },
      (signal) => nullOf(metric, shape, { kernel, seed, draws, signal }),
    );
    progress.end();
    process.stdout.write(
      flags.json ? `${JSON.stringify({ ...shape, seed, ...level }, null, 2)}\n` : describe(level, shape),
    );
  } finally {
    progress.end();
    await kernel.close();
  }
}

function describe(
  { metric, null: level, check }: ChanceLevel,
  { dModel, dSae, dSaeB = dSae }: Shape,
): string {
  const widths = dSaeB === dSae ? `${dSae}` : `${dSae} and ${dSaeB}`;
  const how = level.exact ? 'exact' : `sampled, ± ${error(level.meanError)}, ${level.draws} pairs`;
  const line = (name: string, value: string, text: string): string =>
    `${name.padEnd(Math.max(metric.length, 7))}  ${value}  ${text}\n`;
  return (
    line(metric, level.mean.toFixed(4), `${how}; d_model ${dModel}, d_sae ${widths}`) +
    line('band', `${level.low.toFixed(4)} to ${level.high.toFixed(4)}`, 'holds 95% of pairs by chance') +
    (check
      ? line('check', check.mean.toFixed(4), `drawn, ± ${error(check.meanError)}, ${check.draws} ${check.of}`)
      : '')
  );
}

/** A standard error. */
function error(value = 0): string {
  return value === 0 ? '0' : value.toPrecision(2);
}
