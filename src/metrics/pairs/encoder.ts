// encoder.max: the best |cosine| between encoder rows, the directions that features read, as in decoder.max.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../metric.js';
import { directionMax } from './directions.js';
import type { DetailedScores } from './pair-loop.js';

/**
 * Rows of the encoder [F × d], without its biases. Undefined where some member has no encoder row with a direction.
 * @throws input.shape when the members differ in d
 */
export async function encoderMax(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<DetailedScores | undefined> {
  const sets = members.map(({ id, sae }) => ({ id, rows: sae.encoder }));
  return directionMax('encoder.max', sets, kernel, options);
}
