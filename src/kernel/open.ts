// Opens a kernel for a command: that of select.ts, with screens on a GPU before it where they are asked for or are faster.
import { ReseedError } from '../errors.js';
import type { Kernel } from './interface.js';
import { createScreenedKernel } from './screened/index.js';
import type { Screen } from './screened/screen.js';
import { trialRatio } from './screened/trial.js';
import { type KernelChoice, type SelectOptions, selectKernel, wantedKernel } from './select.js';
import { type FoundAdapter, findAdapter, openDevice } from './webgpu/open.js';
import { webgpuScreen } from './webgpu/screen.js';

export interface OpenOptions extends Omit<SelectOptions, 'kernel'> {
  /** `auto` takes a GPU where WebGPU finds one and a trial says that it is faster. */
  readonly kernel?: KernelChoice | undefined;
  /** Is given lines for people: that a GPU is used, and that one is given up. */
  readonly onLine?: (line: string) => void;
}

/** Multiply-adds from which on a screen is used that was asked for, and from which on it is worth a trial. */
const WORTH = { asked: 2 ** 22, trial: 2 ** 37 };

/** How much faster a GPU must be: a little more is not worth its memory. */
const FASTER = 1.2;

/**
 * Starts a kernel; the caller closes it.
 * @throws usage.argument as `selectKernel`; internal.kernel when `native` or `webgpu` is demanded and is not to be had
 */
export async function openKernel({
  kernel,
  onLine = () => {},
  ...options
}: OpenOptions = {}): Promise<Kernel> {
  const wanted = kernel === undefined || kernel === 'auto' ? wantedKernel() : kernel;
  if (wanted === 'auto') return withTrial(selectKernel({ ...options, kernel: 'auto' }), onLine);
  if (wanted !== 'webgpu') return selectKernel({ ...options, kernel: wanted });
  const found = await findAdapter();
  if ('problem' in found) {
    throw new ReseedError('internal.kernel', `WebGPU was asked for, but ${found.problem}`);
  }
  const screen = webgpuScreen(await openDevice(found), found.name);
  const below = selectKernel({ ...options, kernel: 'auto' });
  const made = createScreenedKernel(below, screen, { worth: WORTH.asked, onTrouble: onLine });
  const reason = `WebGPU on ${found.name}${found.software ? ', which computes on the CPU' : ''}; ${below.reason}`;
  return Object.defineProperty(made, 'reason', { value: reason });
}

/** What WebGPU offers here, and whether large products go there, in a line for people. */
export async function describeGpu(kernel: Kernel): Promise<string> {
  try {
    const found = await findAdapter();
    if ('problem' in found) return `not used: ${found.problem}`;
    if (found.software)
      return `not used: ${found.name} computes on the CPU (--kernel webgpu takes it all the same)`;
    const { screen, line } = await tried(found, kernel);
    screen.close();
    return line;
  } catch (error) {
    return `not used: ${(error as Error).message}`;
  }
}

/** The screen of an adapter, and what a trial says of it. */
async function tried(
  found: FoundAdapter,
  kernel: Kernel,
): Promise<{ readonly screen: Screen; readonly faster: boolean; readonly line: string }> {
  const screen = webgpuScreen(await openDevice(found), found.name);
  const ratio = await trialRatio(screen, kernel);
  const faster = ratio >= FASTER;
  const verdict = faster ? 'large products go there' : 'it is not used';
  return {
    screen,
    faster,
    line: `${found.name} is ${ratio.toFixed(1)} times as fast as ${kernel.id}: ${verdict}`,
  };
}

/** The kernel, which looks for a GPU when there is enough to do. */
function withTrial(kernel: Kernel, onLine: (line: string) => void): Kernel {
  let device: Promise<Screen | undefined> | undefined;
  const find = async (): Promise<Screen | undefined> => {
    const found = await findAdapter();
    if ('problem' in found || found.software) return undefined;
    const { screen, faster, line } = await tried(found, kernel);
    onLine(`WebGPU: ${line}`);
    if (faster) return screen;
    screen.close();
    return undefined;
  };
  // What goes wrong with a device that nobody asked for is no fault of the command.
  const once = (): Promise<Screen | undefined> => {
    device ??= find().catch(() => undefined);
    return device;
  };
  const lazy: Screen = {
    get name() {
      return 'WebGPU';
    },
    async *list(query, work) {
      const screen = await once();
      if (screen) yield* screen.list(query, work);
    },
    close: () => void device?.then((screen) => screen?.close()),
  };
  const faster = async (): Promise<boolean> => (await once()) !== undefined;
  return createScreenedKernel(kernel, lazy, { worth: WORTH.trial, faster, onTrouble: onLine });
}
