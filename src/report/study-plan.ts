// What a study would do and cost, as a value: made by the plan, shown before anything runs.
import type { GroupSettings } from '../results/results.js';

/** Seconds, and bytes. */
export interface Cost {
  readonly seconds: number;
  /** Held at once. */
  readonly memory: number;
  /** Left in the folder at the end; while training, snapshots come on top. */
  readonly disk: number;
}

export interface PlannedGroupCost {
  readonly id: string;
  readonly settings: GroupSettings;
  /** N and d of its activations. */
  readonly rows: number;
  readonly width: number;
  readonly saes: number;
  /** Of these, how many the folder has trained already. */
  readonly trained: number;
  /** Whether the folder holds all that is measured of it. */
  readonly measured: boolean;
  /** What is left to do, in seconds. */
  readonly training: number;
  readonly comparison: number;
  /** Of what features fire on; 0 where tokens are not known. */
  readonly examples: number;
}

export interface StudyPlan {
  readonly name: string;
  readonly folder: string;
  readonly stages: readonly string[];
  /** Whether the run would train less than the study asks for. */
  readonly quick: boolean;
  readonly kernel: string;
  readonly threads: number;
  readonly groups: readonly PlannedGroupCost[];
  /** Of the activations, whether all are there already. */
  readonly activationsKept: boolean;
  readonly cost: Cost;
  /** How long the measurement took that the time is told from. */
  readonly measuringSeconds: number;
}
