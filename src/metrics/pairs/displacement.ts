// displacement.max: decoder.max of how far training moved each decoder row, D_final − D_init.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { subtract } from '../../tensor/matrix.js';
import type { Member } from '../metric.js';
import { directionMax } from './directions.js';
import type { DetailedScores } from './pair-loop.js';

/**
 * Rows that did not move at all have no direction: left out and counted. Undefined where some member's
 * initial weights are unknown, or none of its rows moved.
 * @throws input.shape when initial and final decoder, or two members, differ in shape
 */
export async function displacementMax(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<DetailedScores | undefined> {
  const sets = members.flatMap(({ id, sae, init }) =>
    init ? [{ id, rows: subtract(sae.decoder, init.decoder) }] : [],
  );
  if (sets.length < members.length) return undefined;
  return directionMax('displacement.max', sets, kernel, options);
}
