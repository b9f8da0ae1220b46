// `reseed inspect <path>`: what a checkpoint, a file of activations or a folder of checkpoints is.

import { Command } from 'commander';
import type { InspectOptions } from '../compare/inspect-options.js';
import { ReseedError } from '../errors.js';
import { openKernel } from '../kernel/open.js';
import type { KernelChoice } from '../kernel/select.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { untilInterrupted } from './interrupt.js';
import { showFound } from './show-found.js';
import { showProgress } from './show-progress.js';
import { type StatedFlags, statedIn, targetsAlone, withStatedOptions } from './stated-options.js';
import { terminalPage } from './terminal-page.js';

interface InspectFlags extends StatedFlags {
  readonly activations?: string;
  readonly targets?: string;
  readonly dropFirst?: number;
  readonly full?: true;
  readonly json?: string;
  readonly threads?: number;
  readonly kernel: KernelChoice;
  readonly color: boolean;
}

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('what a checkpoint or file of activations is, and what each of its tensors is taken for')
    .argument('<path>', 'a file, the folder of an SAE, or a folder of many')
    .option('--activations <file>', 'activations to see which features of the SAEs are used')
    .option(
      '--targets <file>',
      'what a transcoder should write for these activations, row by row of the same tokens',
    )
    .option(
      '--drop-first <n>',
      'leave out the first positions of each sequence of activations',
      wholeNumber(0),
    )
    .option('--full', 'read weights for their statistics however large they are')
    .option('--json <file>', 'write it as JSON; - writes it to stdout, and nothing else')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native, portable or webgpu', kernelChoice, 'auto')
    .option('--no-color', 'no colours, even on a terminal');
  return withStatedOptions(command).action(printInspection);
}

async function printInspection(path: string, flags: InspectFlags): Promise<void> {
  const [{ inspect }, { serializeInspection }, { renderInspection }] = await Promise.all([
    import('../compare/inspect.js'),
    import('../report/inspection.js'),
    import('../report/inspection-text.js'),
  ]);
  const inspection = await withUsage(flags, (options) => inspect(path, options));
  if (
    flags.activations !== undefined &&
    (inspection.kind === 'tensors' || inspection.kind === 'activations')
  ) {
    throw new ReseedError('usage.argument', 'activations are for an SAE to encode', {
      field: '--activations',
      found:
        inspection.kind === 'tensors' ? `no SAE: ${inspection.problem}` : `${path}, which holds activations`,
    });
  }
  await showFound(flags.json, {
    serialize: () => serializeInspection(inspection),
    page: () => renderInspection(inspection, terminalPage(flags.color)),
  });
}

/** With activations and a kernel to encode them, where activations are given. */
async function withUsage<T>(
  { activations, targets: wanted, dropFirst = 0, full, kernel: choice, threads, ...flags }: InspectFlags,
  use: (options: InspectOptions) => Promise<T>,
): Promise<T> {
  const stated = statedIn(flags);
  if (activations === undefined) {
    if (wanted !== undefined) throw targetsAlone();
    return use({ stated, ...(full ? { full } : {}) });
  }
  const { openWithoutFirst } = await import('../activations/without-first.js');
  const notes: string[] = [];
  const read = async (path: string) => {
    const rows = await openWithoutFirst(path, dropFirst);
    notes.push(...(rows.notes ?? []));
    const whole = await rows.read(0, rows.rows);
    await rows.close();
    return whole;
  };
  const x = await read(activations);
  const targets = wanted === undefined ? undefined : await read(wanted);
  const progress = showProgress(process.stderr);
  const kernel = await openKernel({ kernel: choice, threads, onLine: progress.line });
  for (const note of notes) progress.line(note);
  progress.status('encoding');
  try {
    return await untilInterrupted(
      progress,
      { stopping: 'stopping at the next safe point', stopped: 'Nothing was written.' },
      (signal) => use({ usage: { x, kernel, ...(targets ? { targets } : {}) }, stated, signal }),
    );
  } finally {
    progress.end();
    await kernel.close();
  }
}
