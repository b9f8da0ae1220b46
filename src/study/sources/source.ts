// What a source of activations is to a study: its sites, how large they are, and the activations themselves.
import type { Matrix } from '../../tensor/matrix.js';
import type { StudyFolder } from '../folder.js';

/** One set of activations that a study trains on. */
export interface SourceSite {
  /** Readable and unique within the study: begins the ids of its groups. */
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

export interface ActivationSource {
  /** Hash of everything that the activations at this site depend on. */
  keyOf(site: SourceSite): string;
  shapeOf(site: SourceSite): SiteShape;
  /** Whether the folder holds them already, so that loading is quick. */
  isKept(site: SourceSite, folder: StudyFolder): Promise<boolean>;
  /** Bytes that loading leaves in the folder. */
  keptBytes(site: SourceSite): number;
  /** Activations [N×d] of these sites, by id; those that are on disk already are read back. */
  load(sites: readonly SourceSite[], folder: StudyFolder, hooks: LoadHooks): Promise<Map<string, Matrix>>;
}
