// What the folder holds, as the page is told: its results where they can be read, else why not.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReseedError } from '../errors.js';
import { nullModels } from '../metrics/nulls/registry.js';
import { metrics } from '../metrics/registry.js';
import { parseResults } from '../results/read-results.js';
import type { ResultsFile } from '../results/results-file.js';
import type { ExploredFolder } from './explored-folder.js';
import type { FolderState, Words } from './protocol.js';

export const words: Words = {
  metrics: Object.fromEntries(
    metrics.map(({ id, words: { name, definition } }) => [id, { name, definition }]),
  ),
  nulls: Object.fromEntries(
    nullModels.map(({ kind, words: { short, definition } }) => [kind, { short, definition }]),
  ),
};

type Read = Pick<FolderState, 'results' | 'problem'>;

/** Results of any release of this version, with the sentences that they have. */
export async function readFolder(folder: ExploredFolder): Promise<Read & Pick<FolderState, 'files'>> {
  const files = await folder.files();
  if (files['results.json'] === undefined) return { files };
  try {
    const file = (await folder.within('results.json')) as string;
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    parseResults(value, 'results.json');
    // Parsing drops sentences, which the page shows: what was read is given as it is.
    return { files, results: value as ResultsFile };
  } catch (error) {
    return { files, problem: problemOf(error) };
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ReseedError) return error.message;
  if (error instanceof SyntaxError) return `results.json: not JSON: ${error.message}`;
  return `results.json: cannot read it: ${String(error)}`;
}

/**
 * Where the weights of the SAEs lie, by id: in the folder itself, as a run writes them.
 * @param outside whether those may be read too that lie where results.json says
 */
export async function weightPaths(
  folder: ExploredFolder,
  { results }: Read,
  outside: boolean,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    (results?.saes ?? []).map(async ({ id, path }) => {
      const inside = await folder.within(join('saes', id));
      return [id, inside ?? (outside ? path : undefined)] as const;
    }),
  );
  return new Map(found.flatMap(([id, path]) => (path === undefined ? [] : [[id, path] as const])));
}
