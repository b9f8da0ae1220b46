// The untrained null of activation scores: the codes that the weights before training give on the same activations.
//
// What two SAEs agree in because they read the same activations, with no training at all, stays in it. Nothing is
// drawn; the SD is that of the initial scores (spreadOfScores).
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { encode } from '../sae/encode.js';
import { activationScores, type NamedCodes } from '../similarity/activation.js';
import type { Member } from '../similarity/metric.js';
import type { DetailedScores } from '../similarity/pair-loop.js';
import { mean } from '../stats/summary.js';
import type { Matrix } from '../tensor/matrix.js';
import { type Null, nullBand } from './null.js';
import { spreadOfScores } from './own-init.js';

export interface UntrainedNulls {
  /** Of `activation.max`. */
  readonly all: Null;
  /** Of `activation.max.live`, over what fires before training; absent where nothing does in some member. */
  readonly live?: Null;
}

/**
 * The nulls on activations X [N × d], or on a member's own. Undefined where some member's init is unknown, or below two members.
 * @throws input.shape when X is not as wide as the SAEs
 */
export async function untrainedNull(
  members: readonly Member[],
  x: Matrix,
  { kernel, signal }: WorkOptions & { readonly kernel: Kernel },
): Promise<UntrainedNulls | undefined> {
  if (members.some(({ init }) => init === undefined)) return undefined;
  const work: WorkOptions = signal ? { signal } : {};
  const group: NamedCodes[] = [];
  for (const { id, sae, init, activations = x } of members) {
    group.push({ id, codes: await encode({ ...sae, ...init }, activations, kernel, work) });
  }
  const scores = await activationScores(group, kernel, work);
  if (!scores) return undefined;
  return { all: level(scores.all), ...(scores.live ? { live: level(scores.live) } : {}) };
}

function level(scores: DetailedScores): Null {
  const centre = mean(scores.pairs.map((pair) => pair.value));
  return nullBand('untrained', centre, spreadOfScores(scores), 0, true);
}
