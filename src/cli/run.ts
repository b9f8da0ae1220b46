// `reseed run <study.yaml>`: train, compare, diagnose, report.
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { type KernelChoice, selectKernel } from '../kernel/select.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { untilInterrupted } from './interrupt.js';
import { showProgress } from './show-progress.js';

interface RunFlags {
  readonly out?: string;
  readonly quick?: boolean;
  readonly threads?: number;
  readonly kernel: KernelChoice;
}

export function runCommand(): Command {
  return new Command('run')
    .description(
      'run a study: train SAEs over several seeds, compare them, diagnose the scores, write a report',
    )
    .argument('<study.yaml>', 'the study file')
    .option('--out <folder>', 'where results go (default: runs/<name of the study file>)')
    .option('--quick', 'train less, as the study says; the report says so')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
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
    const results = await untilInterrupted(
      progress,
      {
        stopping: 'stopping at the end of this epoch',
        stopped: 'What was finished is kept: the same command goes on from there.',
      },
      (signal) =>
        runStudy({ file, out: folder, kernel, signal, listen: progress.listen, ...(quick ? { quick } : {}) }),
    );
    progress.end();
    if (!results) {
      process.stdout.write(`The stages of this study are done: ${folder}\n`);
      return;
    }
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
