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

/** Decides for each piece of work whether the screen does it, and gives the screen up where it fails. */
class Gate {
  /** Whether anything came from the screen. */
  used = false;
  #broken = false;

  constructor(
    private readonly screen: Screen,
    private readonly options: Required<ScreenedOptions>,
  ) {}

  /** What the screen finds, or what the kernel below finds where the screen does not serve. */
  async choose<T>(
    work: number,
    options: WorkOptions | undefined,
    byScreen: () => Promise<T>,
    below: () => Promise<T>,
  ): Promise<T> {
    const { worth, faster } = this.options;
    if (this.#broken || work < worth || !(await faster())) return below();
    try {
      const found = await byScreen();
      this.used = true;
      return found;
    } catch (error) {
      if (options?.signal?.aborted) throw error;
      if (!(error instanceof TooMany)) this.#giveUp(error);
      return below();
    }
  }

  close(): void {
    if (!this.#broken) this.screen.close();
    this.#broken = true;
  }

  #giveUp(error: unknown): void {
    if (this.#broken) return;
    this.close();
    const what = error instanceof Error ? error.message : String(error);
    this.options.onTrouble(`${this.screen.name} is given up (${what}); the CPU goes on from here`);
  }
}

/** A kernel over another one. Closing it closes both. */
export function createScreenedKernel(
  kernel: Kernel,
  screen: Screen,
  { worth = 2 ** 30, faster = async () => true, onTrouble = () => {} }: ScreenedOptions = {},
): Kernel {
  const gate = new Gate(screen, { worth, faster, onTrouble });
  const steps = { ...kernel.steps, topMatches: screenedTopMatches(kernel, screen, gate) };
  const above: Partial<Kernel> = {
    /** The kernel below, as long as nothing came from the screen. */
    get id() {
      return gate.used ? 'webgpu' : kernel.id;
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
      return gate.choose(workOf(a, b), options, byScreen, () => kernel.bestMatches(a, b, options));
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
      return gate.choose(x.rows * features * x.cols, options, byScreen, below);
    },

    steps,
    assign: (a, b, options) => assignWith(steps, a, b, options),
    nearest: (a, b, m, options) => nearestWith(steps, a, b, m, options),

    async close() {
      gate.close();
      await kernel.close();
    },
  };
  // What is not screened is done by the kernel below.
  return Object.setPrototypeOf(above, kernel);
}

/** The lists that an assignment starts from. */
function screenedTopMatches(kernel: Kernel, screen: Screen, gate: Gate): AssignmentSteps['topMatches'] {
  return (pairs, price, lists, signal) => {
    const below = () => kernel.steps.topMatches(pairs, price, lists, signal);
    if (pairs.kind !== 'rows' || lists.m > LONGEST) return below();
    const options = signal && { signal };
    const byScreen = async () => {
      await screenedLists(screen, kernel, pairs, price, lists, options);
      await checkLists(kernel.steps, pairs, price, lists, signal);
    };
    return gate.choose(workOf(pairs.a, pairs.b), options, byScreen, below);
  };
}

function workOf(a: Matrix, b: Matrix): number {
  return a.rows * b.rows * a.cols;
}
