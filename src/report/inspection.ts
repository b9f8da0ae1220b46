// What a file or folder turned out to be: the value that `inspect` prints, as text or as JSON.
import type { Assumption, SaeOrigin } from '../sae/source.js';
import type { Numerics, WeightStatistics } from '../sae/weight-statistics.js';

export const inspectionVersion = 'reseed/inspection/1';

/** A file of tensors, as its container describes it. */
export interface InspectedFile {
  /** As it was given. */
  readonly path: string;
  /** The file of tensors, which may lie in the folder that was given. */
  readonly file: string;
  /** safetensors, npy, npz or torch */
  readonly container: string;
  readonly bytes: number;
  readonly tensors: readonly InspectedTensor[];
}

export interface InspectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What an SAE is, without its weights. */
export interface SaeSummary {
  readonly path: string;
  readonly format: string;
  readonly architecture: string;
  /** Width of what it reads. */
  readonly dModel: number;
  /** Width of what it writes, where that is another. */
  readonly dOut?: number;
  readonly dSae: number;
  readonly k?: number;
  readonly hookName?: string;
  readonly origin: Omit<SaeOrigin, 'format' | 'path'>;
  readonly usage?: InspectedUsage;
  /** What its files leave open and encoding needs, and which flags say it; its directions can be compared without. */
  readonly open?: string;
  /** That without what was found: alike for SAEs that leave the same open. */
  readonly openKind?: string;
}

/** On the activations that were given. */
export interface InspectedUsage {
  readonly rows: number;
  readonly live: number;
  readonly deadByFiring: number;
  readonly l0: number;
  readonly explainedVariance?: number;
}

export interface SaeInspection extends InspectedFile, SaeSummary {
  readonly kind: 'sae';
  readonly activation: string;
  readonly transcoder: boolean;
  /** Names and numbers that stand beside its tensors, where how it encodes could not be told from them. */
  readonly settings?: Settings;
  /** What each tensor and field was taken to be, and why. */
  readonly assumptions: readonly Assumption[];
  /** Absent where the weights are too large to be read without being asked to. */
  readonly weights?: WeightStatistics;
  readonly numerics?: Numerics;
  readonly deadByNorm?: number;
}

export interface ActivationsInspection extends InspectedFile {
  readonly kind: 'activations';
  readonly tensor: string;
  readonly rows: number;
  readonly dModel: number;
  /** What was made of the file that it does not say itself. */
  readonly notes: readonly string[];
  /** Of rows that lie evenly over the file. */
  readonly sample: {
    readonly rows: number;
    readonly distinctRows?: number;
    readonly mean: number;
    readonly std: number;
    /** Mean Euclidean norm of a row. */
    readonly normMean: number;
    readonly nan: number;
    readonly inf: number;
  };
}

/** A file that is neither. */
export interface TensorsInspection extends InspectedFile {
  readonly kind: 'tensors';
  /** Why it was not taken for an SAE. */
  readonly problem: string;
  /** Why it was not taken for activations, where it holds tensors that can be. */
  readonly activationsProblem?: string;
  /** Names and numbers that stand beside its tensors, as `seed` and `k`, in the file or in a configuration. */
  readonly settings: Settings;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** Of a folder of files, or of a file of several SAEs. */
export interface FolderInspection {
  readonly kind: 'folder' | 'several';
  readonly path: string;
  readonly saes: readonly SaeSummary[];
  /** SAEs that differ in their seed alone, as far as is known: two or more paths each. */
  readonly groups: readonly (readonly string[])[];
  /** For a group, what stands for its paths and no others, where there is one: a shell pattern, or the file of several SAEs. */
  readonly patterns: readonly (string | null)[];
  /** Files of weights, or parts of the file, that could not be taken for an SAE. */
  readonly others: readonly OtherFile[];
}

export interface OtherFile {
  readonly path: string;
  readonly problem: string;
  /** The same without the name of the file. */
  readonly reason: string;
  /** That without what was found: alike for files in which the same is wrong. */
  readonly kind: string;
}

export type Inspection = SaeInspection | ActivationsInspection | TensorsInspection | FolderInspection;

export function serializeInspection(inspection: Inspection): string {
  return `${JSON.stringify({ schema: inspectionVersion, ...inspection }, null, 2)}\n`;
}
