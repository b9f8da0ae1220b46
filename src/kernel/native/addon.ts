// The addon as JavaScript sees it, and how it is loaded. The file of each family says what its functions take.
import { createRequire } from 'node:module';
import type { AssignmentAddon } from './assign.js';
import type { DenseAddon } from './dense.js';
import type { ListedProductsAddon } from './listed-products.js';
import type { MatchingAddon } from './matching.js';
import type { ReconstructionAddon } from './reconstruction.js';
import type { SpectrumAddon } from './spectrum.js';
import type { TopKAddon } from './top-k.js';

/** The functions of the addon; each that takes RunOptions resolves when its results are in the arrays that it was given. */
export interface Addon
  extends MatchingAddon,
    ListedProductsAddon,
    TopKAddon,
    DenseAddon,
    AssignmentAddon,
    SpectrumAddon,
    ReconstructionAddon {
  /** Code paths that this machine can run, the fastest first. */
  readonly paths: readonly string[];
  /** Of the package that it was built for. */
  readonly version: string;
  allFinite(values: Float32Array): boolean;
}

/** Loads the addon; says whether it was built beforehand, or in a few words why there is none. */
export function loadNative(): { addon: Addon; prebuilt: boolean } | { problem: string } {
  // Shared with the installation, which runs where there is no dist/.
  return createRequire(import.meta.url)('../../../kernel/load.cjs').loadAddon();
}
