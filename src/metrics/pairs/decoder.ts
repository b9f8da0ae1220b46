// decoder.max and decoder.max.live: pairwise mean of the best |cosine| between decoder rows (PWMCC).
import type { Kernel } from '../../kernel/interface.js';
import { liveFeatures } from '../../tensor/sparse-codes.js';
import type { Member } from '../metric.js';
import { directionMax } from './directions.js';
import type { DetailedScores, PopulationOptions } from './pair-loop.js';

/**
 * Undefined where some member has no scorable feature or, with `live`, no codes.
 * @throws input.shape when the members differ in d
 */
export async function decoderMax(
  members: readonly Member[],
  kernel: Kernel,
  { live = false, signal }: PopulationOptions = {},
): Promise<DetailedScores | undefined> {
  if (live && members.some((member) => !member.codes)) return undefined;
  const sets = members.map(({ id, sae, codes }) => ({
    id,
    rows: sae.decoder,
    ...(live && codes ? { features: liveFeatures(codes) } : {}),
  }));
  return directionMax(live ? 'decoder.max.live' : 'decoder.max', sets, kernel, signal ? { signal } : {});
}
