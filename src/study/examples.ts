// What the features of a study's SAEs fire on, group by group.
import { rowsOf } from '../activations/activation-rows.js';
import type { Tokens } from '../activations/tokens.js';
import { examplesOf } from '../compare/examples.js';
import { soundMembers } from '../evidence/prepare.js';
import type { SaeExamples } from '../report/example-table.js';
import type { TrainedSae, TrainStage } from './train-stage.js';

/** @param seed of the random examples */
export async function* studyExamples(
  { plan, activations, kernel, signal }: TrainStage,
  trained: ReadonlyMap<string, readonly TrainedSae[]>,
  tokens: Tokens,
  seed: number,
): AsyncGenerator<SaeExamples> {
  for (const { id: group, site } of plan.groups) {
    const saes = trained.get(group) as readonly TrainedSae[];
    const members = soundMembers(
      saes.map(({ id, sae, training }) => ({ id, sae, ...(training ? { training } : {}) })),
    );
    const x = rowsOf(activations(site, saes[0].initSeed));
    yield* examplesOf(
      { group, members, x, tokens, seed, codesKnown: false },
      kernel,
      signal ? { signal } : {},
    );
  }
}
