// Groups of SAEs that were really trained on planted data; most kinds spoil one of these, or leave it as it is.
import type { Member } from '../../src/sae/member.js';
import type { Matrix } from '../../src/tensor/index.js';
import type { Workshop } from './case.js';
import { atoms, sparseSums } from './data.js';
import { type Seeds, type Shape, type Trained, trained } from './train.js';

/** A planted dictionary and the training on it. */
export interface Base extends Shape {
  readonly d: number;
  readonly atoms: number;
  readonly rows: number;
  readonly noise?: number;
  readonly saes?: number;
}

export interface TrainedGroup {
  readonly x: Matrix;
  readonly dictionary: Matrix;
  readonly runs: readonly Trained[];
}

/** About as many features as atoms, trained until twice the training would change next to nothing. */
export const square: Base = {
  d: 32,
  atoms: 68,
  rows: 1000,
  features: 64,
  k: 4,
  epochs: 150,
  learningRate: 8e-3,
};

/** Trains a group on a planted dictionary, once per seed and base; every SAE has seeds of its own. */
export function base(workshop: Workshop, plan: Base): Promise<TrainedGroup> {
  const name = JSON.stringify(plan);
  return workshop.once(name, async () => {
    const rng = workshop.rng('base', name);
    const dictionary = atoms(plan.atoms, plan.d, rng);
    const { rows, k, noise = 0.02 } = plan;
    const x = sparseSums(dictionary, { rows, active: k, noise }, rng);
    const runs = await trained(x, plan, ownSeeds(workshop.seed, plan.saes), workshop.kernel);
    return { x, dictionary, runs };
  });
}

/** Trains a group on any activations, once per seed and name. */
export function trainedOn(
  workshop: Workshop,
  name: string,
  x: Matrix,
  shape: Shape,
  seeds: readonly Seeds[] = ownSeeds(workshop.seed),
): Promise<Trained[]> {
  return workshop.once(name, () => trained(x, shape, seeds, workshop.kernel));
}

/** Seeds of SAEs that share nothing. */
export function ownSeeds(seed: number, saes = 3): Seeds[] {
  return Array.from({ length: saes }, (_, i) => ({ init: 1000 * seed + i, order: 1000 * seed + 500 + i }));
}

/** What a comparison is told besides the weights. */
export interface Given {
  /** The start and the course of the training; false for checkpoints from elsewhere. */
  readonly start?: boolean;
  readonly codes?: boolean;
}

/** Runs as members of a group. */
export function members(runs: readonly Trained[], { start = true, codes = true }: Given = {}): Member[] {
  return runs.map((run, i) => ({
    id: `s${i}`,
    sae: run.sae,
    ...(start ? { init: run.init, training: { steps: run.steps, losses: run.losses } } : {}),
    ...(codes ? { codes: run.codes } : {}),
  }));
}
