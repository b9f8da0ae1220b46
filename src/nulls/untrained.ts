// Placeholder until the real null is merged.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Member } from '../similarity/metric.js';
import type { Matrix } from '../tensor/matrix.js';
import type { Null } from './null.js';

export async function untrainedNull(
  _members: readonly Member[],
  _x: Matrix,
  _options: WorkOptions & { readonly kernel: Kernel },
): Promise<{ all: Null; live?: Null } | undefined> {
  return undefined;
}
