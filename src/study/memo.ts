// Remembers finished parts of the analysis on disk, so that a killed run goes on from the last of them.
import { readFile } from 'node:fs/promises';
import type { Memo } from '../evidence/evidence.js';
import type { ContentNames } from './content-names.js';
import { hashOf } from './fingerprint.js';
import type { StudyFolder } from './folder.js';

/** A memo whose parts hold for `scope` only: a hash of all that they depend on besides their own key. */
export function folderMemo(folder: StudyFolder, scope: string, names: ContentNames): Memo {
  return async <T>(key: string, compute: () => Promise<T>): Promise<T> => {
    const file = folder.part(hashOf([scope, names.stable(key)]));
    const stored = await readFile(file, 'utf8').catch(() => undefined);
    if (stored !== undefined) return names.toIds(JSON.parse(stored) as T);
    const text = JSON.stringify(names.toContent(await compute()));
    await folder.write(file, text);
    // What is computed is passed on as it will be recalled, so that both runs go on from the same value.
    return names.toIds(JSON.parse(text) as T);
  };
}
