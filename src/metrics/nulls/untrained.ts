// The untrained null of activation scores: the codes that the weights before training give on the same activations.
//
// What two SAEs agree in because they read the same activations, with no training at all, stays in it. Nothing is
// drawn; the SD is that of the initial scores (spreadOfScores).
//
// Codes that are less sparse agree more on any data, and ReLU, JumpReLU and Gated are sparse by training alone. So where
// it is not the architecture that says how many features are active, as many are kept in each row, the largest
// pre-activations, as the trained SAE has on average: what is left is what training did besides making codes sparse.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { encode } from '../../sae/encode.js';
import type { Sae } from '../../sae/sae.js';
import { mean } from '../../stats/summary.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { SparseCodes } from '../../tensor/sparse-codes.js';
import type { Member } from '../metric.js';
import { activationScores, type NamedCodes } from '../pairs/activation.js';
import type { DetailedScores } from '../pairs/pair-loop.js';
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
  for (const { id, sae, init, codes, activations = x } of members) {
    const untrained = asSparse({ ...sae, ...init }, codes);
    group.push({ id, codes: await encode(untrained, activations, kernel, work) });
  }
  const scores = await activationScores(group, kernel, work);
  if (!scores) return undefined;
  return { all: level(scores.all), ...(scores.live ? { live: level(scores.live) } : {}) };
}

/** @param codes of the trained SAE; without them it stays as it is */
function asSparse(untrained: Sae, codes: SparseCodes | undefined): Sae {
  const { kind } = untrained.activation;
  if (!codes || kind === 'topk' || kind === 'groupmax') return untrained;
  const k = Math.max(1, Math.round(codes.indices.length / codes.rows));
  return { ...untrained, activation: { kind: 'topk', k, relu: true } };
}

function level(scores: DetailedScores): Null {
  const centre = mean(scores.pairs.map((pair) => pair.value));
  return nullBand('untrained', centre, spreadOfScores(scores), 0, true);
}
