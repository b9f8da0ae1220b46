// `reseed run <study.yaml>`: train, compare, diagnose, report.
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type KernelChoice, selectKernel } from '../kernel/select.js';
import { untilInterrupted } from './interrupt.js';
import { showProgress } from './show-progress.js';

interface RunFlags {
  readonly out?: string;
  readonly quick?: boolean;
  readonly threads?: number;
  readonly kernel: KernelChoice;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return value;
}

function kernelChoice(text: string): KernelChoice {
  if (text === 'auto' || text === 'native' || text === 'portable') return text;
  throw new InvalidArgumentError('Expected auto, native or portable.');
}

export function runCommand(): Command {
  return new Command('run')
    .description(
      'run a study: train SAEs over several seeds, compare them, diagnose the scores, write a report',
    )
    .argument('<study.yaml>', 'the study file')
    .option('--out <folder>', 'where results go (default: runs/<name of the study file>)')
    .option('--quick', 'train less, as the study says; the report says so')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber)
    .option('--kernel <name>', 'auto, native or portable', kernelChoice, 'auto')
    .addHelpText(
      'after',
      `
The run goes on from where an earlier run in the same folder stopped, and ends with the same results.
Progress goes to stderr. Open report.html in the folder when it is done.`,
    )
    .action(run);
}

async function run(file: string, { out, quick, threads, kernel: choice }: RunFlags): Promise<void> {
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ runStudy }, { describeResults }] = await Promise.all([
    import('../study/run.js'),
    import('../report/wording.js'),
  ]);
  const folder = out ?? join('runs', basename(file).replace(/\.ya?ml$/, ''));
  const kernel = selectKernel({ kernel: choice, ...(threads === undefined ? {} : { threads }) });
  const progress = showProgress(process.stderr);
  progress.line(`kernel: ${kernel.id}, ${kernel.threads} threads (${kernel.reason})`);
  try {
    const results = await untilInterrupted(progress, (signal) =>
      runStudy({ file, out: folder, kernel, signal, listen: progress.listen, ...(quick ? { quick } : {}) }),
    );
    progress.end();
    const answers = describeResults(results).map(({ question, answer }) => `${question}\n  ${answer}`);
    const note = results.study?.note;
    process.stdout.write(
      `${[...answers, ...(note ? [note] : []), `Report: ${join(folder, 'report.html')}`].join('\n\n')}\n`,
    );
  } finally {
    progress.end();
    await kernel.close();
  }
}
