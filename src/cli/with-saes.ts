// The kernel, SAEs and activations that a command works on: opened, handed over, and closed whatever comes of the work.
import type { ComparedSae } from '../compare/compare.js';
import { defined } from '../defined.js';
import type { Kernel } from '../kernel/interface.js';
import { openKernel } from '../kernel/open.js';
import type { KernelChoice } from '../kernel/select.js';
import {
  everySae,
  type GivenActivations,
  type GivenFlags,
  openSaes,
  readActivations,
  requireInits,
} from './given-saes.js';
import { saeArgument } from './sae-argument.js';
import { type ProgressView, showProgress } from './show-progress.js';

interface OpeningFlags extends GivenFlags {
  readonly kernel: KernelChoice;
  readonly threads?: number;
}

export interface OpenedSaes {
  readonly kernel: Kernel;
  readonly progress: ProgressView;
  readonly saes: readonly ComparedSae[];
  /** Activations, where there are any. */
  readonly read?: GivenActivations;
}

/** @param given SAEs as they are named on the command line; what is said of them goes to stderr */
export async function withSaes(
  given: readonly string[],
  flags: OpeningFlags,
  work: (opened: OpenedSaes) => Promise<void>,
): Promise<void> {
  const progress = showProgress(process.stderr);
  const kernel = await openKernel({ kernel: flags.kernel, threads: flags.threads, onLine: progress.line });
  progress.line(`kernel: ${kernel.id}, ${kernel.threads} threads (${kernel.reason})`);
  let read: GivenActivations | undefined;
  try {
    const named = await everySae(await Promise.all(given.map(saeArgument)));
    const inits = flags.init && (await everySae(flags.init.map((path) => ({ path, own: {} }))));
    requireInits(named.length, inits);
    read = await readActivations(named, flags);
    for (const note of read?.notes ?? []) progress.line(note);
    const saes = await openSaes(named, { flags, kernel, progress, ...defined({ read, inits }) });
    await work({ kernel, progress, saes, ...defined({ read }) });
  } finally {
    progress.end();
    await read?.close();
    await kernel.close();
  }
}
