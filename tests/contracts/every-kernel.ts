// The kernels that this machine has: portable, and native on each of its code paths where the addon is built.
import { afterAll, describe } from 'vitest';
import type { AssignmentSteps } from '../../src/kernel/assignment.js';
import type { Best, Kernel } from '../../src/kernel/interface.js';
import { loadNative } from '../../src/kernel/native/addon.js';
import { nativeAssignmentSteps } from '../../src/kernel/native/assign.js';
import { createCalls } from '../../src/kernel/native/calls.js';
import { createNativeKernel } from '../../src/kernel/native/index.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { portableSteps } from './assignment-cases.js';

const native = loadNative();

export const kernelMakers: readonly { name: string; make: (threads: number) => Kernel }[] = [
  { name: 'portable', make: (threads) => createPortableKernel({ threads }) },
  ...('addon' in native ? native.addon.paths : []).map((path) => ({
    name: `native, ${path}`,
    make: (threads: number): Kernel => {
      if (!('addon' in native)) throw new Error('no addon');
      return createNativeKernel({ threads, addon: native.addon, path, reason: 'test' });
    },
  })),
];

/** The steps of an assignment: of the portable kernel without its threads, and of the addon's code paths. */
export const everyAssignmentSteps: readonly (readonly [name: string, steps: AssignmentSteps])[] = [
  ['portable', portableSteps],
  ...('addon' in native ? native.addon.paths : []).map((path): [string, AssignmentSteps] => {
    if (!('addon' in native)) throw new Error('no addon');
    return [`native, ${path}`, nativeAssignmentSteps(native.addon, createCalls(2, path).call)];
  }),
];

/** Runs one body of tests on every kernel, or on those of `makers`; `one` has one thread, `two` has two. */
export function describeEveryKernel(
  title: string,
  body: (one: Kernel, two: Kernel) => void,
  makers: typeof kernelMakers = kernelMakers,
): void {
  for (const { name, make } of makers) {
    describe(`${title} (${name})`, () => {
      const one = make(1);
      const two = make(2);
      afterAll(async () => {
        await one.close();
        await two.close();
      });
      body(one, two);
    });
  }
}

/** The best two of a list of candidates by value, ties to the lowest index; skipped entries are undefined. */
export function bestTwo(values: readonly (number | undefined)[]): number[] {
  const order = [...values.keys()]
    .filter((j) => values[j] !== undefined)
    .sort((i, j) => values[j]! - values[i]! || i - j);
  const [first = -1, second = -1] = order;
  return [first, values[first] ?? 0, second, values[second] ?? 0];
}

/** Entry i of a table of partners: index, value, second index, second value. */
export function entry(best: Best, i: number): number[] {
  return [best.index[i], best.value[i], best.secondIndex[i], best.secondValue[i]];
}
