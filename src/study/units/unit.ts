// A unit of work: a piece of a study that any process can do that sees the folder, named by all that its result depends on.
//
// A unit is plain JSON, so that it can go through a queue or a list. It holds ids and numbers, never arrays: what it reads and what
// it makes lies in the folder, by content (store.ts).

/** In the order in which they can be done: what a kind needs is made by those before it. */
export const unitKinds = ['train', 'pairs', 'null', 'group'] as const;
export type UnitKind = (typeof unitKinds)[number];

/** Two SAEs of a group, and what is to be measured of them: ids of metrics, or `features`. */
export interface PairToMeasure {
  readonly a: string;
  readonly b: string;
  readonly measures: readonly string[];
}

export type UnitWork =
  | { readonly kind: 'train'; readonly group: string; readonly saes: readonly string[] }
  | { readonly kind: 'pairs'; readonly group: string; readonly pairs: readonly PairToMeasure[] }
  | {
      readonly kind: 'null';
      readonly group: string;
      readonly metric: string;
      readonly null: string;
    }
  /** All of a group that is not measured yet: activations, codes, scores with their nulls, findings, features. */
  | { readonly kind: 'group'; readonly group: string };

export interface Unit {
  /** Hexadecimal hash of all that its result depends on. */
  readonly key: string;
  /** For people. */
  readonly label: string;
  readonly work: UnitWork;
  /** Keys of the units whose results it reads. */
  readonly needs: readonly string[];
  /** Estimated, on one processor: for bundles, plans and limits of time. The same on every machine. */
  readonly seconds: number;
  /** Bytes, estimated. */
  readonly memory: number;
  /** Bytes that it reads from the folder and from outside, and that it leaves in the folder; estimated. */
  readonly reads: number;
  readonly writes: number;
  /** Processors that it can use. */
  readonly cpus: number;
}

/** Units of one kind can run at the same time; those of the next need them. */
export function wavesOf(units: readonly Unit[]): Unit[][] {
  return unitKinds
    .map((kind) => units.filter(({ work }) => work.kind === kind))
    .filter((wave) => wave.length > 0);
}
