// What the server and the page say to each other: JSON of these types.
import type { StudyEvent } from '../compare/progress.js';
import type { ResultsFile } from '../results/results-file.js';

/** Files of the folder that the page may read, by the name that they have in it. */
export const servedFiles = [
  'results.json',
  'features.parquet',
  'examples.parquet',
  'report.html',
  'collections.json',
] as const;
export type ServedFile = (typeof servedFiles)[number];

/** What the folder holds at this moment. */
export interface FolderState {
  /** Name of the folder, without its path. */
  readonly name: string;
  /** Release that serves it. */
  readonly version: string;
  /** The command that opens this page again. */
  readonly command: string;
  /** Absent while a run has not written them yet, or when they cannot be read. */
  readonly results?: ResultsFile;
  /** Whether there is no folder at all: files are dropped on the page. */
  readonly empty?: true;
  /** Why there is nothing to show, as a sentence. */
  readonly problem?: string;
  /** Bytes of the files that are there. */
  readonly files: Readonly<Partial<Record<ServedFile, number>>>;
  /** SAEs whose weights the server can read. */
  readonly weights: readonly string[];
  /** Whether a run tells how far it is, at `/api/events`. */
  readonly live: boolean;
  /** Whether collections can be saved. */
  readonly writable: boolean;
  /** What scores and nulls are called, by their ids. */
  readonly words: Words;
}

export interface Words {
  readonly metrics: Readonly<Record<string, { readonly name: string; readonly definition: string }>>;
  readonly nulls: Readonly<Record<string, { readonly short: string; readonly definition: string }>>;
}

/** A feature with a cosine, by its index in an SAE. */
export interface Neighbour {
  readonly feature: number;
  /** Signed cosine of decoder rows. */
  readonly cosine: number;
  /** Signed cosine of encoder rows; absent where an encoder is not known. */
  readonly encoder?: number;
  /** Cosine of the codes over some rows; absent without activations, and where one never fires on them. */
  readonly codes?: number;
}

/** What the weights tell of a feature: computed when it is asked for. */
export interface FeatureWeights {
  /** The nearest in every other SAE by |cosine| of decoder rows, the best first. */
  readonly others: readonly { readonly sae: string; readonly nearest: readonly Neighbour[] }[];
  /** The nearest within its own SAE, itself left out. */
  readonly own: readonly Neighbour[];
  /** Rows that codes were compared on; absent without activations. */
  readonly codeRows?: number;
}

/** A feature or a pair that somebody starred. */
export interface Starred {
  readonly sae: string;
  readonly feature: number;
  /** Of a pair: its other side. */
  readonly partner?: { readonly sae: string; readonly feature: number };
  readonly note: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Collection {
  readonly name: string;
  readonly entries: readonly Starred[];
}

export interface Collections {
  readonly schema: 'reseed/collections/1';
  readonly collections: readonly Collection[];
}

/** What a page hears of a run: what happened, and what it was told before. */
export type LiveEvent = StudyEvent | { readonly type: 'end'; readonly problem?: string };
