// The sources of activations: the sites that a study names, and opening the source that has them.
import type { Activations } from '../config/activations.js';
import { fileSites, openFileSource } from './file.js';
import type { ActivationSource, SourceSite } from './source.js';
import { openTransformerSource, transformerSites } from './transformer.js';

export type { ActivationSource, LoadHooks, SiteShape, SourceSite } from './source.js';

/** In the order of the study file; nothing is read. */
export function sitesOf(activations: Activations): SourceSite[] {
  if ('transformer' in activations) return transformerSites(activations);
  return fileSites(activations);
}

/** @param studyFile paths are relative to its folder @throws input.config, input.file, input.format, input.shape */
export function openSource(activations: Activations, studyFile: string): Promise<ActivationSource> {
  if ('transformer' in activations) return openTransformerSource(activations, studyFile);
  return openFileSource(activations, studyFile);
}
