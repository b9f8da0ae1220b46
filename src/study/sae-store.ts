// The SAEs of a folder: those of the present study under their ids in saes/, those of earlier ones aside, by key.
//
// A study that is changed keeps what still holds: an SAE is moved to the id that it now has, one that is not asked for
// any more is put aside, and comes back when it is asked for again. Each move is a rename, so a kill loses nothing.
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError } from '../formats/atomic-write.js';
import { saelensFiles } from '../sae/sources/saelens-write.js';
import type { StudyFolder } from './folder.js';

/** Key that the checkpoint in this folder was written with; undefined where there is none that is whole. */
export async function keyIn(saeFolder: string): Promise<string | undefined> {
  const text = await readFile(join(saeFolder, saelensFiles.config), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const key = (JSON.parse(text) as { metadata?: { reseed?: { key?: unknown } } }).metadata?.reseed?.key;
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the folder holds the SAE with this key, under this id or under another. */
export async function holds(folder: StudyFolder, id: string, key: string): Promise<boolean> {
  return (await whereIs(folder, new Map([[id, key]]))).size > 0;
}

/** Where each of these SAEs, id to key, lies now. */
export async function whereIs(
  folder: StudyFolder,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const byKey = new Map<string, string>();
  for (const name of await namesIn(join(folder.root, 'saes'))) {
    const key = await keyIn(folder.saeFolder(name));
    if (key !== undefined) byKey.set(key, folder.saeFolder(name));
  }
  const found = new Map<string, string>();
  for (const [id, key] of wanted) {
    const at = byKey.get(key) ?? folder.saeAside(key);
    if ((await keyIn(at)) === key) found.set(id, at);
  }
  return found;
}

/** Puts every SAE at the id that is wanted of its key, and aside what has none. @param wanted id to key */
export async function arrangeSaes(folder: StudyFolder, wanted: ReadonlyMap<string, string>): Promise<void> {
  for (const name of await namesIn(join(folder.root, 'saes'))) {
    const key = await keyIn(folder.saeFolder(name));
    // What is not ours, or was not finished, is left alone.
    if (key !== undefined && wanted.get(name) !== key) {
      await move(folder.saeFolder(name), folder.saeAside(key));
    }
  }
  for (const [id, key] of wanted) {
    const aside = folder.saeAside(key);
    if ((await keyIn(folder.saeFolder(id))) === key || (await keyIn(aside)) !== key) continue;
    await move(aside, folder.saeFolder(id));
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rm(to, { recursive: true, force: true });
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  } catch (cause) {
    throw fileError(to, 'write', cause);
  }
}

async function namesIn(path: string): Promise<string[]> {
  return (await readdir(path).catch(() => [])).sort();
}
