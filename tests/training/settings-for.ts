// Settings that every architecture can be trained with, in a small test. One with a new setting has a line here.
import {
  type ArchitectureName,
  type SaeSettings,
  saeSettingsIn,
} from '../../src/training/architectures/registry.js';
import { type RecipeName, recipes } from '../../src/training/recipes/registry.js';

/** Those that this recipe trains it by, where it has a choice. */
export function settingsFor(recipe: RecipeName, architecture: ArchitectureName, dSae: number): SaeSettings {
  const by = recipes[recipe].trains?.[architecture]?.by;
  const all = {
    k: 4,
    groups: [dSae / 4, dSae / 2, dSae],
    ...(by === 'targetL0' ? { targetL0: 4 } : { sparsity: architecture === 'jumprelu' ? 0.02 : 0.2 }),
  };
  const settings = saeSettingsIn({ architecture, dSae, ...all });
  if (!settings) throw new Error(`no settings for ${architecture}`);
  return settings;
}
