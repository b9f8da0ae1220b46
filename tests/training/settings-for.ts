// Settings that every architecture can be trained with, in a small test.

import type { ArchitectureName, SaeSettings } from '../../src/training/architectures/registry.js';
import type { RecipeName } from '../../src/training/recipes/registry.js';

export function settingsFor(recipe: RecipeName, architecture: ArchitectureName, dSae: number): SaeSettings {
  switch (architecture) {
    case 'topk':
    case 'batchtopk':
      return { architecture, dSae, k: 4 };
    case 'matryoshka-batchtopk':
      return { architecture, dSae, k: 4, groups: [dSae / 4, dSae / 2, dSae] };
    case 'jumprelu':
      if (recipe === 'dictionary-learning') return { architecture, dSae, targetL0: 4 };
      return { architecture, dSae, sparsity: 0.02 };
    default:
      return { architecture, dSae, sparsity: 0.2 };
  }
}
