// Small files of settings beside weights, whoever wrote them.
import { readFile, stat } from 'node:fs/promises';
import { fileError } from '../formats/atomic-write.js';
import { type JsonObject, settingsOf } from './settings-of-text.js';

/**
 * The object in a file; undefined where there is no such file.
 * @throws input.format where it holds no object, or one nested too deeply; input.file
 */
export async function readSettings(file: string): Promise<JsonObject | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return settingsOf(file, found.size, () =>
    readFile(file, 'utf8').catch((cause) => {
      throw fileError(file, 'read', cause);
    }),
  );
}
