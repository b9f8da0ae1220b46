// Versions of all that an SAE depends on besides its settings, its seeds and the activations.
import { kernelVersions } from '../kernel/versions.js';
import { architectures } from '../training/architectures/registry.js';
import { recipes } from '../training/recipes/registry.js';
import type { Settings } from './settings.js';

export function trainingVersions({
  architecture,
  recipe,
}: Pick<Settings, 'architecture' | 'recipe'>): string {
  const { trainTopK, trainDense } = kernelVersions;
  return JSON.stringify({
    kernel: { trainTopK, trainDense },
    architecture: architectures[architecture].version,
    recipe: recipes[recipe].version,
    loop: loopVersion,
  });
}

/** Raised when batches, schedules or states change, whatever the architecture. */
export const loopVersion = 1;
