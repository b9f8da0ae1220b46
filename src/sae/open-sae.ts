// Opens an SAE from disk.
import { openCheckpoint } from './checkpoint.js';
import { type OpenedSae, readSae } from './read-sae.js';
import type { StatedSettings } from './stated-settings.js';

/**
 * Opens an SAE: a file of weights, the configuration beside it, or the folder of both.
 * @param stated what the files may leave open: where they do and it is not stated, the SAE is refused
 * @throws as `readSae`
 */
export function openSae(path: string, stated: StatedSettings = {}): Promise<OpenedSae> {
  return openCheckpoint(path, (checkpoint) => readSae({ ...checkpoint, stated }));
}
