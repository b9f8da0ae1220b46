// `reseed run <study.yaml>`: train, compare, diagnose, report; or say what that would do and cost.

import { basename, join } from 'node:path';
import { Command } from 'commander';
import type { Listener } from '../compare/progress.js';
import type { Kernel } from '../kernel/interface.js';
import { openKernel } from '../kernel/open.js';
import type { KernelChoice } from '../kernel/select.js';
import type { ExecutorSettings } from '../study/config/executor.js';
import type { RunUnits } from '../study/executors/fill-study.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { type ExecutorFlags, executorIn, ownCommand, withExecutorOptions } from './executor-options.js';
import { untilInterrupted } from './interrupt.js';
import { type ProgressView, showProgress } from './show-progress.js';
import { terminalPage } from './terminal-page.js';

interface RunFlags extends ExecutorFlags {
  readonly out?: string;
  readonly quick?: boolean;
  readonly dryRun?: boolean;
  readonly explore?: boolean;
  readonly rehash?: boolean;
  readonly units?: boolean;
  readonly nodes?: number;
  readonly jsonSchema?: boolean;
  readonly threads?: number;
  readonly kernel: KernelChoice;
}

export function runCommand(): Command {
  const command = new Command('run')
    .description(
      'run a study: train SAEs over several seeds, compare them, diagnose the scores, write a report',
    )
    .argument('[study.yaml]', 'the study file')
    .option('--out <folder>', 'where results go (default: runs/<name of the study file>)')
    .option('--quick', 'train less, as the study says; the report says so')
    .option('--explore', 'show on a page how far it is, and what comes out, until Ctrl-C')
    .option('--dry-run', 'print what it would do, what is done already, and what the rest would cost')
    .option('--rehash', 'read files of activations again, even those that look unchanged since the last run')
    .option(
      '--nodes <n>',
      'units at a time that --dry-run tells the time for (default: --workers; local 2, else 4)',
      wholeNumber(1),
    )
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native, portable or webgpu', kernelChoice, 'auto')
    .option('--units', 'write the list of the work, for `reseed work` on any machine, and stop')
    .option('--json-schema', 'print the JSON Schema of study files, for editors')
    .addHelpText(
      'after',
      `
The run goes on from where an earlier run in the same folder stopped, and ends with the same results. A study that
was changed keeps the SAEs and the scores that still hold.
Progress goes to stderr. Open report.html in the folder when it is done.`,
    );
  return withExecutorOptions(command).action(async (file: string | undefined, flags: RunFlags) => {
    if (flags.jsonSchema) {
      const { studyJsonSchema } = await import('../study/config/json-schema.js');
      process.stdout.write(`${JSON.stringify(studyJsonSchema(), null, 2)}\n`);
      return;
    }
    if (file === undefined) return command.error("error: missing required argument 'study.yaml'");
    await run(file, flags);
  });
}

async function run(file: string, flags: RunFlags): Promise<void> {
  const { out, quick, dryRun, explore, rehash, threads, kernel: choice } = flags;
  const said = executorIn(flags);
  const folder = out ?? join('runs', basename(file).replace(/\.ya?ml$/, ''));
  const progress = showProgress(process.stderr);
  const kernel = await openKernel({ kernel: choice, threads, onLine: progress.line });
  progress.line(`kernel: ${kernel.id}, ${kernel.threads} threads (${kernel.reason})`);
  const options = { file, out: folder, kernel, ...(quick ? { quick } : {}), ...(rehash ? { rehash } : {}) };
  try {
    const units = flags.executor === 'none' ? undefined : await unitsFor(file, said, choice);
    if (dryRun) await printPlan({ ...options, nodes: flags.nodes }, progress, units);
    else if (flags.units) await printUnits(options, said, progress, choice);
    else if (units) await runWhole({ ...options, units }, progress);
    else if (explore) await runExplored(options, progress);
    else await runWhole(options, progress);
  } finally {
    progress.end();
    await kernel.close();
  }
}

/** Undefined where neither the command line nor the study names an executor. */
async function unitsFor(
  file: string,
  settings: Partial<ExecutorSettings>,
  kernel: KernelChoice,
): Promise<RunUnits | undefined> {
  const named = settings.name ?? (await (await import('../study/config.js')).loadStudy(file)).executor?.name;
  return named === undefined ? undefined : { settings, kernel, command: ownCommand() };
}

interface Options {
  readonly file: string;
  readonly out: string;
  readonly kernel: Kernel;
  readonly quick?: boolean;
  readonly rehash?: boolean;
  readonly units?: RunUnits;
}

/** Runs it under the eyes of a page, which stays when the run is over. */
async function runExplored(options: Options, progress: ProgressView): Promise<void> {
  const [{ exploreRun }, { serveUntilInterrupted }, { openStudyFolder }] = await Promise.all([
    import('../server/explore-run.js'),
    import('./serve.js'),
    import('../study/folder.js'),
  ]);
  const { root } = await openStudyFolder(options.out);
  const { explorer, live } = await exploreRun(root);
  progress.line(`explorer: ${explorer.url}`);
  try {
    await runWhole(options, progress, live.tell);
    live.tell({ type: 'end' });
    await serveUntilInterrupted(explorer);
  } catch (error) {
    live.tell({ type: 'end', problem: (error as Error).message });
    throw error;
  } finally {
    await explorer.close();
  }
}

async function runWhole(options: Options, progress: ProgressView, watch?: Listener): Promise<void> {
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ runStudy }, { describeResults }] = await Promise.all([
    import('../study/run.js'),
    import('../report/wording.js'),
  ]);
  const results = await untilInterrupted(
    progress,
    {
      stopping: 'stopping at the end of this epoch',
      stopped: 'What was finished is kept: the same command continues from there.',
    },
    (signal) =>
      runStudy({
        ...options,
        signal,
        watched: watch !== undefined,
        listen(event) {
          progress.listen(event);
          watch?.(event);
        },
      }),
  );
  progress.end();
  if (!results) {
    process.stdout.write(`The stages of this study are done. Folder: ${options.out}\n`);
    return;
  }
  const { noticesOf } = await import('../report/outline.js');
  const answers = describeResults(results).map(({ question, answer }) => `${question}\n  ${answer}`);
  const at = results.study?.config['stages'] === undefined ? 'report.html' : 'results.json';
  process.stdout.write(
    `${[...answers, ...noticesOf(results), `Report: ${join(options.out, at)}`].join('\n\n')}\n`,
  );
}

/** The work as `reseed work` takes it: which rows can be done at the same time. */
async function printUnits(
  options: Options,
  settings: Partial<ExecutorSettings>,
  progress: ProgressView,
  kernel: KernelChoice,
): Promise<void> {
  const [{ writeUnits }, { wavesOf }] = await Promise.all([
    import('../study/executors/write-units.js'),
    import('../study/units/unit.js'),
  ]);
  const units = await writeUnits({ ...options, settings, choice: kernel, listen: progress.listen });
  progress.end();
  let row = 0;
  for (const wave of wavesOf(units)) {
    const last = row + wave.length - 1;
    process.stdout.write(`rows ${row} … ${last}: ${wave[0].work.kind}\n`);
    row += wave.length;
  }
}

async function printPlan(
  options: Options & { readonly nodes: number | undefined },
  progress: ProgressView,
  units: RunUnits | undefined,
): Promise<void> {
  const [{ estimateStudy }, { renderStudyPlan }] = await Promise.all([
    import('../study/estimate.js'),
    import('../report/study-plan-text.js'),
  ]);
  progress.status('measuring how long steps take here');
  const plan = await estimateStudy(options);
  progress.end();
  process.stdout.write(renderStudyPlan(plan, terminalPage(true)));
  if (!units) return;
  const [{ estimateUnits }, { renderUnitsPlan }] = await Promise.all([
    import('../study/executors/estimate-units.js'),
    import('../report/units-plan-text.js'),
  ]);
  const planned = await estimateUnits({ ...options, settings: units.settings, whole: plan });
  process.stdout.write(`\n${renderUnitsPlan(planned)}`);
}
