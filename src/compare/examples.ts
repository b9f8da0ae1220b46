// Examples of what the features of a group fire on, one SAE after the other, so that the codes of one are in memory.
import { type ActivationRows, rowsOf } from '../activations/activation-rows.js';
import type { Tokens } from '../activations/tokens.js';
import { codesForExamples } from '../features/example-codes.js';
import { featureExamples } from '../features/examples.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { SaeExamples } from '../report/example-table.js';
import type { Member } from '../sae/member.js';

export interface GroupForExamples {
  readonly group: string;
  /** Whose weights are all finite. */
  readonly members: readonly Member[];
  /** What they read, where they have no activations of their own. */
  readonly x: ActivationRows;
  /** One a row of x. */
  readonly tokens: Tokens;
  /** Of the random examples. */
  readonly seed: number;
  /** Whether the members have the codes of all rows; made again otherwise. */
  readonly codesKnown: boolean;
}

/** @throws input.shape where there are not as many tokens as rows; as `encode`; internal.cancelled */
export async function* examplesOf(
  { group, members, x, tokens, seed, codesKnown }: GroupForExamples,
  kernel: Kernel,
  work: WorkOptions = {},
): AsyncGenerator<SaeExamples> {
  for (const { id, sae, codes, activations } of members) {
    const encoded =
      codesKnown && codes
        ? { codes, stride: 1 }
        : await codesForExamples(sae, activations ? rowsOf(activations) : x, kernel, work);
    yield { group, sae: id, tokens, features: featureExamples(encoded, x.rows, tokens, seed) };
  }
}
