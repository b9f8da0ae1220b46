// What a source of activations is to a study: its sites, how large they are, and the activations themselves.
import type { Tokens } from '../../activations/tokens.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { StudyFolder } from '../folder.js';

/** One set of activations that a study trains on. */
export interface SourceSite {
  /** Readable: begins the ids of its groups. */
  readonly id: string;
  readonly layer?: number;
  readonly site?: string;
}

export interface SiteShape {
  /** N */
  readonly rows: number;
  /** d */
  readonly cols: number;
}

export interface LoadHooks {
  readonly signal?: AbortSignal;
  /** Called with the share that is done, in [0, 1]. */
  onProgress?(share: number): void;
}

/** Activations [N×d] that an SAE of this init seed reads at this site; the same for all seeds but for planted worlds. */
export type ActivationsOf = (site: SourceSite, initSeed: number) => Matrix;

/** What is known of the truth behind activations that were planted. */
export interface SiteTruth {
  /** True features that stand in the worlds of all init seeds; the first so many. */
  readonly shared: number;
  /** Settings that results tell conditions by. */
  readonly condition: Readonly<Record<string, number | string>>;
  /** True features [n×d] of the world that an SAE of this init seed reads. */
  dictionary(initSeed: number): Matrix;
}

export interface ActivationSource {
  /** Hash of everything that the activations which an SAE of this init seed reads at this site depend on. */
  keyOf(site: SourceSite, initSeed: number): string;
  shapeOf(site: SourceSite): SiteShape;
  /** Whether the folder holds them already, so that loading is quick. */
  isKept(site: SourceSite, folder: StudyFolder): Promise<boolean>;
  /** Bytes that loading leaves in the folder. */
  keptBytes(site: SourceSite): number;
  /** Makes the activations of these sites ready; those that are on disk already are read back. */
  load(sites: readonly SourceSite[], folder: StudyFolder, hooks: LoadHooks): Promise<ActivationsOf>;
  /** The token of each row; absent where they are not known. */
  readonly tokens?: Tokens;
  /** Hash of the tokens. */
  readonly tokensKey?: string;
  /** Absent where no truth is known. */
  truthOf?(site: SourceSite): SiteTruth;
}
