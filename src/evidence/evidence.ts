// Everything measured about one group of SAEs: the only thing that checks, causes and verdict look at.
import type { MeasuredMetric } from '../metrics/measured.js';
import type { PairAssignment } from '../metrics/pairs/matched.js';
import type { MetricId } from '../metrics/registry.js';
import type { Fit } from '../sae/fit.js';
import type { TrainingRecord } from '../sae/member.js';
import type { Numerics, WeightStatistics } from '../sae/weight-statistics.js';
import type { IndexAgreement } from './copies-and-starts.js';
import type { LivenessSplit } from './liveness-split.js';
import type { Place } from './places.js';
import type { StartShape } from './start-shape.js';

/** Artefacts that can be taken out of a score by computing it again without them. */
export const removableIds = [
  'seeds.not-applied',
  'seeds.same-init',
  'data.misfit',
  'members.odd-one-out',
  'data.massive-rows',
  'data.position',
  'data.mean',
  'data.heavy-dimensions',
  'features.duplicated',
  'usage.dead-by-firing',
  'data.distinct-rows',
  'data.effective-rank',
  'identifiability.width',
  'usage.always-on',
  'training.init-drift',
  'training.unfinished',
  'metric.wrong-null',
] as const;
export type Removable = (typeof removableIds)[number];

/** The scores that people publish, and that the causes explain. */
export type Headline = 'activation.max' | 'decoder.max';

/** Cosines of decoder rows with their own rows before training. */
export interface InitEvidence {
  readonly cosineMedian: number;
  /** Absent without codes, or where no such feature has a direction. */
  readonly cosineMedianLive?: number;
  readonly cosineMedianDead?: number;
  /** Counts per bin of 0.05 on [−1, 1]; one more edge than bins. Absent without codes. */
  readonly cosineHistogram?: {
    readonly edges: readonly number[];
    readonly live: readonly number[];
    readonly dead: readonly number[];
  };
  /** Rows whose direction did not change: cosine of at least 0.999. */
  readonly unmoved: number;
}

export interface MemberEvidence {
  readonly id: string;
  /** F */
  readonly features: number;
  /** d */
  readonly width: number;
  readonly usage: {
    /** Features that fire on the given activations; absent without codes. */
    readonly live?: number;
    readonly deadByFiring?: number;
    /** Features that fire on at least 95 % of the rows; absent without codes. */
    readonly alwaysOn?: number;
    /** Features whose decoder row is shorter than 0.01. */
    readonly deadByNorm: number;
  };
  /** Absent where no weight is finite. */
  readonly weights?: WeightStatistics;
  readonly numerics: Numerics;
  /** Decoder rows with a near-parallel row (|cosine| > 0.99) in the same SAE. */
  readonly parallelFeatures?: number;
  /** Of these, how many are beyond one for each direction. */
  readonly repeatedFeatures?: number;
  /** Decoder rows that are not zero but shorter than a hundredth of the median one. */
  readonly tinyFeatures?: number;
  /** Decoder rows more than ten times as long as the median one. */
  readonly giantFeatures?: number;
  /** Share of the squared length of all encoder rows, each at length 1, that lies along one direction. */
  readonly encoderLeading?: number;
  readonly fit?: Fit;
  /** On the rows without massive ones, where there are any. */
  readonly ordinaryFit?: Fit;
  /** On the rows without massive ones and those that are set apart by where they stand, where there are such. */
  readonly elsewhereFit?: Fit;
  /** In the coordinates that are not heavy, where a few heavy ones hold much of the variance. */
  readonly otherDimensionsFit?: Fit;
  /** Features nine tenths of whose firing is on rows that are set apart by where they stand. */
  readonly placeFeatures?: number;
  /** How much of the mean of the activations features write that fire on at least half of the rows; 1 is all of it. */
  readonly meanWritten?: number;
  /** How many these are. */
  readonly denseFeatures?: number;
  readonly init?: InitEvidence;
  /** Where the init is unknown, what the weights still show of one. */
  readonly start?: StartShape;
  readonly training?: TrainingRecord;
}

/** What two members have in common besides the data. */
export interface PairDependence {
  readonly a: string;
  readonly b: string;
  /** Share of the features whose direction both have, to |cosine| ≥ 0.9999. */
  readonly sameFeatures: number;
  /** Whether both started from the same decoder; absent where a start is unknown. */
  readonly sameInit?: boolean;
  /** Agreement index by index; absent where the widths differ. */
  readonly atIndex?: IndexAgreement;
}

/** How many features of the narrower SAE of a pair are several of the wider one. */
export interface Splitting {
  readonly narrow: string;
  readonly wide: string;
  /** Features of the narrower SAE that have a direction, and how many of them have two parts or more. */
  readonly features: number;
  readonly split: number;
  /** Parts of those. */
  readonly parts: number;
}

/** A headline score recomputed with artefacts removed, held against its own null. */
export interface Recomputed {
  readonly headline: Headline;
  readonly removed: readonly Removable[];
  readonly measured: MeasuredMetric;
}

export interface Evidence {
  /** Id of the group. */
  readonly id: string;
  readonly members: readonly MemberEvidence[];
  readonly activations?: {
    readonly rows: number;
    readonly distinctRows: number;
    readonly effectiveRank: number;
    /** Rows that codes are compared on, evenly spaced; absent where it is all of them. */
    readonly codeRows?: number;
    /** How often the commonest row is there; absent where no row repeats. */
    readonly mostRepeated?: number;
    /** Into how many clusters the rows fall up to noise; absent where they do not fall into clusters. */
    readonly clusters?: number;
    /** Share of the squared length of the rows (without massive ones) that is their mean's. */
    readonly meanShare?: number;
    /** Coordinates whose SD is at least ten times the median one, where there are a few. */
    readonly heavyDimensions?: number;
    /** Share of the variance (without massive rows) that is theirs. */
    readonly heavyShare?: number;
    /** Rows that lie ten times as far from the middle as the median row, or farther, where there are a few. */
    readonly massiveRows?: number;
    /** How many times as far, by their median. */
    readonly massiveTimes?: number;
    /** Share of the variance that goes with them. */
    readonly massiveShare?: number;
    /** Effective rank of the rows without them. */
    readonly ordinaryRank?: number;
    /** Where rows stand that are not as the others are; absent where their tokens are not known. */
    readonly places?: {
      /** Where at least half of the massive rows stand, and of the copies of the commonest row, with how many of them do. */
      readonly massive?: Place;
      readonly repeated?: Place;
      /** Positions and tokens whose rows are of another kind than all others. */
      readonly apart?: {
        readonly places: readonly Place[];
        /** Rows of these places together, how many times as far from the middle of the others as these are, their share of the variance. */
        readonly rows: number;
        readonly times: number;
        readonly share: number;
        /** Effective rank of the rows without them, and without massive ones. */
        readonly effectiveRank: number;
      };
    };
  };
  /** All pairs of members whose weights are all finite; absent below two. */
  readonly dependence?: readonly PairDependence[];
  /** Pairs of which one SAE is a quarter wider than the other, or more; absent where there is none. */
  readonly splitting?: readonly Splitting[];
  /** Only over members whose weights are all finite. */
  readonly metrics: Readonly<Partial<Record<MetricId, MeasuredMetric>>>;
  /** The assignment behind `decoder.matched`, pair by pair: for tables of features, not for findings. */
  readonly matching?: readonly PairAssignment[];
  /** score = liveShare · liveScore + deadShare · deadScore */
  readonly splits: Readonly<Partial<Record<Headline, LivenessSplit>>>;
  /** Scores without an artefact that are no metrics themselves. */
  readonly counterfactual: readonly Recomputed[];
}

/** Features of the widest SAE of the group: how many directions the data have to determine. */
export function widestDictionary(evidence: Pick<Evidence, 'members'>): number {
  return Math.max(0, ...evidence.members.map((m) => m.features));
}

/** The fit on the rows that are neither massive nor set apart by where they stand. */
export function fitOnOthers({
  fit,
  ordinaryFit = fit,
  elsewhereFit = ordinaryFit,
}: MemberEvidence): Fit | undefined {
  return elsewhereFit;
}

/** Members that take part in metrics. */
export function usable(members: readonly MemberEvidence[]): MemberEvidence[] {
  return members.filter((m) => m.numerics.nan + m.numerics.inf === 0 && m.training?.divergedAt === undefined);
}
