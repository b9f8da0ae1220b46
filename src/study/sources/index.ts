// The sources of activations: the sites that a study names, and opening the source that has them.
import { hashOfFile } from '../../formats/hash-of-file.js';
import type { Activations, PlantedActivations, PlantedVariant } from '../config/activations.js';
import type { FileHash } from '../known-hashes.js';
import { fileSites, openFileSource } from './file.js';
import { openPlantedSource, plantedSites } from './planted.js';
import type { ActivationSource, SourceSite } from './source.js';
import { openTransformerSource, transformerSites } from './transformer.js';

export type {
  ActivationSource,
  ActivationsOf,
  LoadHooks,
  SiteShape,
  SiteTruth,
  SourceSite,
} from './source.js';

/** In the order of the study file; nothing is read. @param own what a variant says of planted activations */
export function sitesOf(activations: Activations, own?: PlantedVariant): SourceSite[] {
  if ('transformer' in activations) return transformerSites(activations);
  if ('planted' in activations) {
    return plantedSites({ planted: { ...activations.planted, ...own?.planted } } as PlantedActivations);
  }
  return fileSites(activations);
}

/**
 * @param sites that the study names
 * @param studyFile paths are relative to its folder
 * @param fileHash of files of activations, where it is known without reading them
 * @throws input.config, input.file, input.format, input.shape
 */
export async function openSource(
  activations: Activations,
  sites: readonly SourceSite[],
  studyFile: string,
  fileHash: FileHash = hashOfFile,
): Promise<ActivationSource> {
  if ('transformer' in activations) return openTransformerSource(activations, studyFile);
  if ('planted' in activations) return openPlantedSource(sites, studyFile);
  return openFileSource(activations, studyFile, fileHash);
}
