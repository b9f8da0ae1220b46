// The kernel of a page: the portable one, with the screens of WebGPU before it where the browser offers a GPU.
import type { Kernel } from '../../../../src/kernel/interface.js';
import type { Job } from '../../../../src/kernel/portable/jobs.js';
import { portableOperations } from '../../../../src/kernel/portable/operations.js';
import { createScreenedKernel } from '../../../../src/kernel/screened/index.js';
import type { Screen } from '../../../../src/kernel/screened/screen.js';
import { type FoundAdapter, findAdapter, openDevice } from '../../../../src/kernel/webgpu/open.js';
import { webgpuScreen } from '../../../../src/kernel/webgpu/screen.js';
import type { ComputeChoice } from '../comparison.js';
import { jobThreads } from './job-threads.js';

export interface HereOptions {
  readonly by: ComputeChoice;
  /** Is given a line for people: why no GPU is used, or that one is given up. */
  readonly onLine: (line: string) => void;
  /** Is given the share of a pass over all pairs that is done. */
  readonly onShare: (share: number) => void;
}

export interface KernelHere {
  readonly kernel: Kernel;
  /** What computed, as far as the kernel was used. */
  readonly words: () => string;
}

/** Multiply-adds from which on a screen is used: where it was asked for, and where it was found. */
const worth = { webgpu: 2 ** 20, auto: 2 ** 28 } as const;

export async function kernelHere({ by, onLine, onShare }: HereOptions): Promise<KernelHere> {
  const threads = jobThreads();
  const share = sharesOf(onShare);
  const below: Kernel = {
    id: 'portable',
    reason: 'plain TypeScript in the browser',
    threads: threads.count,
    ...portableOperations(async (job, signal) => {
      const done = await threads.run(job, signal);
      share(job);
      return done as never;
    }),
    close: async () => {},
  };
  const onCpu = `JavaScript on ${threads.count === 1 ? 'one thread' : `${threads.count} threads`}`;
  if (by === 'cpu') return { kernel: below, words: () => onCpu };
  const found = await adapter(by);
  if ('problem' in found) {
    onLine(`${found.problem}; ${onCpu} computes instead.`);
    return { kernel: below, words: () => onCpu };
  }
  let screen: Screen;
  try {
    screen = watched(webgpuScreen(await openDevice(found), found.name), onShare);
  } catch (error) {
    onLine(
      `WebGPU on ${found.name} does not start (${(error as Error).message}); ${onCpu} computes instead.`,
    );
    return { kernel: below, words: () => onCpu };
  }
  const kernel = createScreenedKernel(below, screen, {
    worth: worth[by],
    onTrouble: (line) => onLine(`WebGPU on ${line}.`),
  });
  const gpu = `WebGPU on ${found.name}${found.software ? ', which computes on the CPU' : ''}`;
  return { kernel, words: () => (kernel.id === 'webgpu' ? `${gpu}, settled by ${onCpu}` : onCpu) };
}

async function adapter(by: 'auto' | 'webgpu'): Promise<FoundAdapter | { readonly problem: string }> {
  // Outside of a browser a package stands in for this; a page has it or has not.
  if (!('gpu' in navigator)) return { problem: 'This browser has no WebGPU, or the page may not use it' };
  try {
    const found = await findAdapter();
    if ('problem' in found) return { problem: 'WebGPU finds no adapter here' };
    if (found.software && by === 'auto')
      return { problem: `WebGPU finds only ${found.name}, which computes on the CPU` };
    return found;
  } catch (error) {
    return { problem: `WebGPU does not answer (${(error as Error).message})` };
  }
}

/** Tells how many rows of a pass of best matches are done, as its jobs end. */
function sharesOf(onShare: (share: number) => void): (job: Job) => void {
  let done = 0;
  return (job) => {
    if (job.op !== 'match') return;
    const { a, d, from, to } = job.args;
    const rows = a.length / d;
    done += to - from;
    onShare(done / rows);
    if (done >= rows) done = 0;
  };
}

/** The screen, telling how many of its rows are done. */
function watched(screen: Screen, onShare: (share: number) => void): Screen {
  return {
    name: screen.name,
    async *list(query, options) {
      for await (const strip of screen.list(query, options)) {
        yield strip;
        onShare(strip.to / query.a.rows);
      }
    },
    close: () => screen.close(),
  };
}
