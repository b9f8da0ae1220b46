// A metric as a value: what it is called, what it needs, how it is measured, what it is held against, what checks it.
//
// One file a metric and one line in registry.ts. Nulls (nulls/) find out by `compares` what they have to draw.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Member } from '../sae/member.js';
import type { Matrix } from '../tensor/matrix.js';
import type { ChanceCheck } from './chance/check.js';
import type { MetricContext } from './context.js';
import type { DrawOptions } from './draws/draws.js';
import type { MetricFamily, Term } from './families.js';
import type { Null } from './nulls/null.js';
import type { Directions } from './pairs/directions.js';
import type { GroupScores } from './pairs/pair-loop.js';
import type { Work } from './work.js';

/** What has to be known of every SAE. */
export type MetricNeed = 'codes' | 'init';

/** Two sets of rows are scored; each row has a direction. */
export interface ComparesDirections {
  readonly of: 'directions';
  /** Which rows of each SAE; undefined where they are not known. */
  readonly sets: (members: readonly Member[]) => readonly Directions[] | undefined;
  /**
   * `best`: the mean over features of the best |cosine| in the other set, which may be estimated on some of them.
   * `whole`: a score of all features at once.
   */
  readonly by: 'best' | 'whole';
  /** Error that the mean of its drawn level may have, where that is more than by default. */
  readonly precision?: number;
  /** The score of two sets of unit rows [F×d] and [G×d]. */
  readonly score: (a: Matrix, b: Matrix, kernel: Kernel, work: WorkOptions) => Promise<number>;
}

/** Code columns over the rows of the data. */
export interface ComparesCodes {
  readonly of: 'codes';
  readonly population: 'all' | 'live';
  readonly by: 'best' | 'one-to-one';
}

/** Subspaces of R dimensions. */
export interface ComparesSubspaces {
  readonly of: 'subspaces';
  readonly rank: number;
}

/** Decoder and encoder rows at once. */
export interface ComparesBoth {
  readonly of: 'decoder-and-encoder';
}

export type Compares = ComparesDirections | ComparesCodes | ComparesSubspaces | ComparesBoth;

/** Cases whose score is known. */
export interface MetricControl {
  /** Whether turning decoder and encoder row of a feature round changes nothing. */
  readonly signless: boolean;
  /**
   * What the planted dictionaries give, which share the part `decoder` of their decoder rows and `encoder` of their encoder
   * rows; absent where that is not known.
   */
  readonly planted?: (
    scores: GroupScores,
    parts: {
      readonly decoder: number;
      readonly encoder: number;
      readonly features: number;
      readonly width: number;
    },
  ) => { readonly expected: number; readonly measured: number; readonly tolerance: number };
}

export interface Metric<Id extends string = string> {
  /** Stable: it appears in JSON, on the command line and in code. */
  readonly id: Id;
  readonly family: MetricFamily;
  readonly words: Term;
  /** Raised when its scores change: nulls that are kept between runs are keyed by it. */
  readonly version: number;
  readonly needs: readonly MetricNeed[];
  readonly compares: Compares;
  /** What `measure` asks of the kernel beyond what the metrics before it in the registry have asked for. */
  readonly work: Work;
  /** Kind of the null that corrects it. */
  readonly null: string;
  /** Scores of all pairs; undefined where some SAE has nothing to score. @throws input.shape, internal.cancelled */
  readonly measure: (context: MetricContext) => Promise<GroupScores | undefined>;
  /**
   * Its level under random directions for SAEs of these widths, by formula or its own draws; absent where whole sets are
   * drawn. `name`: metrics with one name have the same level, which is then made once.
   */
  readonly chance?: {
    readonly name: string;
    readonly level: (widths: readonly number[], d: number, options: DrawOptions) => Promise<Null>;
    /** Draws a level that has a formula; undefined where that would take very long. */
    readonly check?: (
      widths: readonly number[],
      d: number,
      options: DrawOptions,
    ) => Promise<ChanceCheck | undefined>;
  };
  /** Absent where no score is known beforehand. */
  readonly control?: MetricControl;
}
