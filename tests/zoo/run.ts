// Runs cases of the zoo, seed by seed, so that kinds of one seed share what was trained for them.
import { selectKernel } from '../../src/kernel/select.js';
import { caseOf, type Kind, Workshop } from './case.js';
import { type Outcome, outcomeOf } from './outcome.js';

export interface RunOptions {
  readonly kinds: readonly Kind[];
  readonly seeds: readonly number[];
  readonly threads: number;
  /** Called after each case. */
  readonly onCase?: (outcome: Outcome, done: number) => void;
}

export async function runZoo({ kinds, seeds, threads, onCase }: RunOptions): Promise<Outcome[]> {
  const kernel = selectKernel({ threads });
  const outcomes: Outcome[] = [];
  try {
    for (const seed of seeds) {
      const workshop = new Workshop(kernel, seed);
      for (const kind of kinds) {
        const outcome = await outcomeOf(await caseOf(kind, workshop), workshop);
        outcomes.push(outcome);
        onCase?.(outcome, outcomes.length);
      }
    }
  } finally {
    await kernel.close();
  }
  return outcomes;
}
