// What a reader of one tool's checkpoints is: how it knows them, and what it makes of them.
import type { Checkpoint } from './checkpoint.js';
import type { Sae } from './sae.js';

/** What a run recorded about an SAE beside its weights: JSON values. */
export type SaeRecord = Readonly<Record<string, unknown>>;

/** Something that the file leaves open or names in its own way, and what it was taken to be. */
export interface Assumption {
  /** The tensor or field, as `W_enc [16 × 32]`. */
  readonly of: string;
  /** As `encoder, one column a feature`. */
  readonly taken: string;
  readonly because: string;
}

/** Where an SAE comes from, as far as that is known. */
export interface SaeOrigin {
  /** Which tool's layout, or `memory`. */
  readonly format: string;
  readonly path?: string;
  readonly initSeed?: number;
  readonly orderSeed?: number;
  readonly layer?: number;
  readonly site?: string;
}

export interface ReadSae {
  readonly sae: Sae;
  readonly assumptions: readonly Assumption[];
  /** Where in the model its input was read, as `blocks.0.hook_resid_post`. */
  readonly hookName?: string;
  /** What the file itself says about its origin. */
  readonly origin?: Omit<SaeOrigin, 'format' | 'path'>;
  readonly record?: SaeRecord;
}

export interface SaeSource {
  /** As it stands in results: `saelens`, `dictionary-learning` … */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /** Those of `knownSettings` that it reads itself; any other that changes what is computed is applied for it, or refused. */
  readonly settings: readonly string[];
  /** What the names of tensors beside its state dict begin with that it reads itself; any other is a norm, of training, or refused. */
  readonly beside?: readonly string[];
  /** Whether this is one of its checkpoints, judged by names of tensors and fields alone. */
  recognises(checkpoint: Checkpoint): boolean;
  /**
   * @throws input.format, input.shape naming file, tensor or field, what was found and what was expected; also where
   * the file alone does not tell how to read it
   */
  read(checkpoint: Checkpoint): Promise<ReadSae>;
}
