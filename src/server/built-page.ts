// The built page: dist/explorer, read once, by the path that each of its files is asked for under.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileError } from '../formats/atomic-write.js';

/** The same from src/ and from dist/. */
const folder = fileURLToPath(new URL('../../dist/explorer/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface PageFile {
  readonly type: string;
  readonly text: string;
}

/** Every file of the page by its path, as `/assets/index.js`. @throws input.file where it was not built */
export async function readBuiltPage(): Promise<ReadonlyMap<string, PageFile>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw fileError(folder, 'read', cause);
  });
  const files = found.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    return [
      `/${file.slice(folder.length).replaceAll('\\', '/')}`,
      { type, text: await readFile(file, 'utf8') },
    ] as const;
  });
  return new Map(await Promise.all(read));
}
