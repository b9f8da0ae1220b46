// A case of the zoo: a group of SAEs whose truth is known, because it was made that way.
import type { FindingId, Group, GroupVerdict } from '../../src/diagnosis/index.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { Rng } from '../../src/tensor/index.js';

/** What a careful person would say about a case. */
export interface Truth {
  /** Any of these as the top cause is right. */
  readonly cause?: readonly FindingId[];
  /** No finding may warn or fail. */
  readonly healthy?: true;
  /** Any of these verdicts is right; where absent, the way the case was made doesn't settle it. */
  readonly verdict?: readonly GroupVerdict['verdict'][];
  /** Findings that must be there too, whichever of them comes first. */
  readonly also?: readonly FindingId[];
  /** Where two things are wrong at once; both are in `also`. */
  readonly artefacts?: 2;
}

export interface Kind {
  readonly name: string;
  readonly truth: Truth;
  make(workshop: Workshop): Promise<Omit<Group, 'id'>>;
}

export interface ZooCase {
  readonly kind: string;
  readonly seed: number;
  readonly group: Group;
  readonly truth: Truth;
}

/** What the cases of one seed are made with; kinds that spoil the same trained SAEs share them. */
export class Workshop {
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(
    readonly kernel: Kernel,
    readonly seed: number,
  ) {}

  /** A stream of random numbers of this seed. */
  rng(...stream: (string | number)[]): Rng {
    return new Rng(this.seed, 'zoo', ...stream);
  }

  /** Makes something once per seed. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(name) ?? make();
    this.#made.set(name, made);
    return made as Promise<T>;
  }
}

export async function caseOf({ name, truth, make }: Kind, workshop: Workshop): Promise<ZooCase> {
  const { seed } = workshop;
  return { kind: name, seed, truth, group: { id: `${name}-${seed}`, ...(await make(workshop)) } };
}
