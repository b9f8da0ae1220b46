// A kernel whose large products are screened by something faster, and settled by the kernel that it stands on.
//
// Whatever goes wrong with the screen costs time only: a line says so, and the kernel below does the work, and all that comes after
// a fault. A sample of what each screen finds is computed by the kernel below as well.
import type { Matrix } from '../../tensor/matrix.js';
import { requireEncodable, requireFinite, requireSameWidth } from '../arguments.js';
import { assignWith } from '../assign.js';
import type { AssignmentSteps } from '../assignment.js';
import type { Kernel } from '../interface.js';
import { nearestWith } from '../nearest.js';
import type { WorkOptions } from '../work-options.js';
import { screenedMatches } from './best-matches.js';
import { screenedLists } from './column-lists.js';
import { screenedEncoding } from './encoding.js';
import { checkCodes, checkLists, checkMatches } from './sample-check.js';
import { type Screen, TooMany } from './screen.js';

export interface ScreenedOptions {
  /** Multiply-adds from which on the screen is used; below, moving the data costs more. */
  readonly worth?: number;
  /** Whether the screen is the faster one; asked before each use. */
  readonly faster?: () => Promise<boolean>;
  /** Is given a line for people when the screen is given up. */
  readonly onTrouble?: (line: string) => void;
}

/** Lists longer than this are left to the kernel below. */
const LONGEST = 512;

/** A kernel over another one. Closing it closes both. */
export function createScreenedKernel(
  kernel: Kernel,
  screen: Screen,
  { worth = 2 ** 30, faster = async () => true, onTrouble = () => {} }: ScreenedOptions = {},
): Kernel {
  let broken = false;
  let used = false;

  /** What the screen finds, or what the kernel below finds where the screen does not serve. */
  const screened = async <T>(
    work: number,
    options: WorkOptions | undefined,
    byScreen: () => Promise<T>,
    below: () => Promise<T>,
  ): Promise<T> => {
    if (broken || work < worth || !(await faster())) return below();
    try {
      const found = await byScreen();
      used = true;
      return found;
    } catch (error) {
      if (options?.signal?.aborted) throw error;
      if (!(error instanceof TooMany) && !broken) {
        broken = true;
        screen.close();
        const what = error instanceof Error ? error.message : String(error);
        onTrouble(`${screen.name} is given up (${what}); the CPU goes on from here`);
      }
      return below();
    }
  };

  const topMatches: AssignmentSteps['topMatches'] = (pairs, price, lists, signal) => {
    const below = () => kernel.steps.topMatches(pairs, price, lists, signal);
    if (pairs.kind !== 'rows' || lists.m > LONGEST) return below();
    const options = signal && { signal };
    const byScreen = async () => {
      await screenedLists(screen, kernel, pairs, price, lists, options);
      await checkLists(kernel.steps, pairs, price, lists, signal);
    };
    return screened(workOf(pairs.a, pairs.b), options, byScreen, below);
  };
  const steps: AssignmentSteps = { ...kernel.steps, topMatches };

  const above: Partial<Kernel> = {
    /** The kernel below, as long as nothing came from the screen. */
    get id() {
      return used ? 'webgpu' : kernel.id;
    },

    async bestMatches(a, b, options) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const byScreen = async () => {
        const found = await screenedMatches(screen, kernel, a, b, options);
        await checkMatches(kernel, found, a, b, options);
        return found;
      };
      return screened(workOf(a, b), options, byScreen, () => kernel.bestMatches(a, b, options));
    },

    async encodeTopK(weights, x, encode, options) {
      requireEncodable(weights, x.cols, encode);
      requireFinite('x', x);
      const features = weights.encoderBias.length;
      const k = Math.min(encode.k, features);
      const below = () => kernel.encodeTopK(weights, x, encode, options);
      if (k > LONGEST) return below();
      const byScreen = async () => {
        const codes = await screenedEncoding(screen, kernel, weights, x, { ...encode, k }, options);
        await checkCodes(kernel, codes, weights, x, encode, options);
        return codes;
      };
      return screened(x.rows * features * x.cols, options, byScreen, below);
    },

    steps,
    assign: (a, b, options) => assignWith(steps, a, b, options),
    nearest: (a, b, m, options) => nearestWith(steps, a, b, m, options),

    async close() {
      if (!broken) screen.close();
      broken = true;
      await kernel.close();
    },
  };
  // What is not screened is done by the kernel below.
  return Object.setPrototypeOf(above, kernel);
}

function workOf(a: Matrix, b: Matrix): number {
  return a.rows * b.rows * a.cols;
}
