// The untrained null of activation scores: the codes that the weights before training give on the same activations.
//
// What two SAEs agree in because they read the same activations, with no training at all, stays in it. Nothing is
// drawn; the SD is that of the initial scores (over-pairs.ts).
//
// Codes that are less sparse agree more on any data, and ReLU, JumpReLU and Gated are sparse by training alone. So where
// it is not the architecture that says how many features are active, as many are kept in each row, the largest
// pre-activations, as the trained SAE has on average: what is left is what training did besides making codes sparse.
import { defined } from '../../defined.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { encode } from '../../sae/encode.js';
import type { Member } from '../../sae/member.js';
import type { Sae, SaeWeights } from '../../sae/sae.js';
import type { Matrix } from '../../tensor/matrix.js';
import { meanActive } from '../../tensor/sparse-codes.js';
import { activationScores, type NamedCodes } from '../pairs/activation.js';
import type { NullModel } from './model.js';
import type { Null } from './null.js';
import { nullOverPairs } from './over-pairs.js';

export const model: NullModel<'untrained'> = {
  kind: 'untrained',
  words: {
    name: 'null: untrained SAEs',
    short: 'untrained SAEs',
    definition:
      'The same score between the codes that the weights before training give on the same activations. Where sparsity ' +
      'comes by training alone, as many features are kept on each row as the trained SAE has on average.',
    level: 'for the same SAEs before training',
    rival: 'the same SAEs before training',
  },
  version: 2,
  keeps: ['crowding', 'data', 'start'],
  decides: true,
  fits: ({ compares }) => compares.of === 'codes' && compares.by === 'best',
  work: ({ id }) => (id === 'activation.max' ? { perPair: { coFire: 1 } } : {}),
  level: async ({ compares }, _, context) => {
    if (compares.of !== 'codes') return undefined;
    const nulls = await context.once('untrained', async () => {
      const codes = await context.untrained();
      return codes && untrainedLevels(codes, context);
    });
    return nulls?.[compares.population];
  },
};

export interface UntrainedNulls {
  /** Of `activation.max`. */
  readonly all: Null;
  /** Of `activation.max.live`, over what fires before training; absent where nothing does in some member. */
  readonly live?: Null;
}

/** @param group codes of the weights before training, on the same rows */
export async function untrainedLevels(
  group: readonly NamedCodes[],
  { kernel, work }: { readonly kernel: Kernel; readonly work: WorkOptions },
): Promise<UntrainedNulls | undefined> {
  const scores = await activationScores(group, kernel, work);
  if (!scores) return undefined;
  return {
    all: nullOverPairs('untrained', scores.all),
    ...(scores.live ? { live: nullOverPairs('untrained', scores.live) } : {}),
  };
}

/** The SAE before training, as sparse as the codes of the trained one are. */
export function untrainedSae(sae: Sae, init: SaeWeights, meanActive: number): Sae {
  const untrained = { ...sae, ...init };
  if ('k' in sae.activation) return untrained;
  return { ...untrained, activation: { kind: 'topk', k: Math.max(1, Math.round(meanActive)), relu: true } };
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
  const work = defined({ signal });
  const codes = await untrainedCodes(members, x, kernel, work);
  return codes && untrainedLevels(codes, { kernel, work });
}

/** Codes of the weights before training on activations X [N × d]; undefined where some member's init is unknown. */
export async function untrainedCodes(
  members: readonly Member[],
  x: Matrix,
  kernel: Kernel,
  work: WorkOptions,
): Promise<NamedCodes[] | undefined> {
  if (members.some(({ init }) => init === undefined)) return undefined;
  const group: NamedCodes[] = [];
  for (const { id, sae, init, codes, activations = x } of members) {
    const untrained = codes ? untrainedSae(sae, init!, meanActive(codes)) : { ...sae, ...init };
    group.push({ id, codes: await encode(untrained, activations, kernel, work) });
  }
  return group;
}
