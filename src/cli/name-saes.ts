// Names for SAEs that are given as paths: as little of the end of each path as tells them apart.
import { resolve, sep } from 'node:path';
import { configNames, weightNames } from '../sae/checkpoint-names.js';

/** One name per path; a path that is given twice is numbered. */
export function nameSaes(paths: readonly string[]): string[] {
  const parts = paths.map((path) => {
    const folders = resolve(path).split(sep);
    return [...configNames, ...weightNames].includes(folders.at(-1) as string)
      ? folders.slice(0, -1)
      : folders;
  });
  const longest = Math.max(...parts.map(({ length }) => length));
  for (let depth = 1; depth <= longest; depth++) {
    const names = parts.map((folders) => folders.slice(-depth).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  const names = parts.map((folders) => folders.at(-1) as string);
  return names.map((name, i) => `${name}#${i + 1}`);
}
