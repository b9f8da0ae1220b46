// A null as a value: what it draws or computes, for which metrics, how it is called, and what it leaves in.
//
// One file a null and one line in registry.ts. A metric is corrected by the one that it names; others stand beside it, and a
// verdict holds a score against the highest.
import type { MetricContext } from '../context.js';
import type { DrawOptions } from '../draws/draws.js';
import type { Term } from '../families.js';
import type { Metric } from '../metric.js';
import type { NamedCodes } from '../pairs/activation.js';
import type { GroupScores } from '../pairs/pair-loop.js';
import type { Work } from '../work.js';
import type { Null } from './null.js';

/**
 * What nobody learned and a null leaves in, so that agreement beyond it is something else: `crowding`, that directions or
 * codes use few dimensions; `data`, what codes of any weights on these data have in common; `start`, the weights before
 * training.
 */
export type Kept = 'crowding' | 'data' | 'start';

/** What nulls are measured with. */
export interface NullContext extends MetricContext {
  readonly draw: DrawOptions;
  /** Codes of the weights before training on the same activations; undefined where some start is unknown. */
  untrained(): Promise<readonly NamedCodes[] | undefined>;
  /** Σ(x − x̄)(x − x̄)ᵀ of the activations [d × d]; undefined where there are none. */
  readonly scatter: Float64Array | undefined;
  /** What depends on these SAEs (and the activations): kept between runs where results are kept. */
  ofGroup<T>(key: readonly (string | number)[], compute: () => Promise<T>): Promise<T>;
  /** What depends on its key alone: shared by all groups of one shape, and kept between runs. */
  ofShape<T>(key: readonly (string | number)[], compute: () => Promise<T>): Promise<T>;
}

export interface NullModel<Kind extends string = string> {
  readonly kind: Kind;
  readonly words: Term & {
    /** After a number that a score is held against: "0.283 by chance". */
    readonly level: string;
    /** After "held against". */
    readonly rival: string;
  };
  /** Raised when its levels change: they are kept between runs, keyed by it. */
  readonly version: number;
  readonly keeps: readonly Kept[];
  /** Whether a verdict may rest on it: it has nothing in it that training should bring about. */
  readonly decides: boolean;
  readonly fits: (metric: Metric) => boolean;
  /** What a level asks of the kernel, as draws mostly end at the second. */
  readonly work: (metric: Metric) => Work;
  /** Undefined where it cannot be had. @throws usage.argument, internal.cancelled */
  readonly level: (metric: Metric, scores: GroupScores, context: NullContext) => Promise<Null | undefined>;
}
