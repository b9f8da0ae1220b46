// The page with everything in it as one HTML file, which opens from disk without a server.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { writeFileAtomic } from '../formats/atomic-write.js';
import { version } from '../version.js';
import { readBuiltPage } from './built-page.js';
import { noCollections, readCollections } from './collections.js';
import { ExploredFolder } from './explored-folder.js';
import { readFolder, words } from './folder-state.js';
import type { ServedFile } from './protocol.js';

/** Bytes of Parquet that go into one file: a browser still opens it in seconds. */
export const mostInlinedBytes = 64e6;

const inlined = ['features.parquet', 'examples.parquet'] as const;

/** Bytes written. @throws input.file, input.format where there is nothing to show, or too much */
export async function writeSingleFile(path: string, to: string): Promise<number> {
  const folder = await ExploredFolder.open(path);
  const { files, results, problem } = await readFolder(folder);
  if (!results) {
    throw new ReseedError('input.format', problem ?? 'there are no results in this folder yet', {
      file: path,
    });
  }
  const bytes = inlined.reduce((sum, name) => sum + (files[name] ?? 0), 0);
  if (bytes > mostInlinedBytes) {
    throw new ReseedError('input.file', 'it is too much for one file', {
      file: path,
      field: '--single-file',
      found: `${Math.ceil(bytes / 1e6)} MB of Parquet`,
      expected: `at most ${mostInlinedBytes / 1e6} MB; reseed explore without it shows all of it`,
    });
  }
  const collections = await folder.within('collections.json');
  const data = {
    state: {
      name: folder.name,
      version,
      command: `reseed explore ${path}`,
      results,
      files,
      weights: [],
      live: false,
      writable: false,
      words,
    },
    collections: collections === undefined ? noCollections : await readCollections(collections),
    files: await base64Of(folder, inlined),
  };
  await folder.close();
  const html = inlinePage(await readBuiltPage(), JSON.stringify(data));
  await writeFileAtomic(to, html);
  return Buffer.byteLength(html);
}

async function base64Of(
  folder: ExploredFolder,
  names: readonly ServedFile[],
): Promise<Partial<Record<ServedFile, string>>> {
  const found = await Promise.all(
    names.map(async (name) => {
      const real = await folder.within(name);
      return real === undefined ? [] : [[name, (await readFile(real)).toString('base64')] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** Script, style and data in the place of the links to them, under a policy that lets only these run. */
function inlinePage(page: Awaited<ReturnType<typeof readBuiltPage>>, data: string): string {
  const textOf = (path: string) => page.get(`/${path.replace(/^\.?\//, '')}`)?.text ?? '';
  const policies: string[] = [];
  const allow = (kind: string, text: string) =>
    policies.push(`${kind} 'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  let scripts = '';
  const html = textOf('index.html')
    .replace(/<script type="module"[^>]*src="([^"]+)"[^>]*><\/script>/, (_, path: string) => {
      const script = withinScript(textOf(path));
      allow('script-src', script);
      scripts = `<script type="module">${script}</script>`;
      return '';
    })
    .replace(/<link rel="stylesheet"[^>]*href="([^"]+)"[^>]*>/, (_, path: string) => {
      const style = textOf(path);
      allow('style-src', style);
      return `<style>${style}</style>`;
    })
    .replace('content="%token%"', 'content=""');
  const policy = [
    "default-src 'none'",
    ...policies,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`;
  const held = `<script type="application/json" id="reseed-data">${withinScript(data)}</script>`;
  return html
    .replace('<meta charset="utf-8" />', () => `<meta charset="utf-8" />\n${meta}`)
    .replace('</body>', () => `${held}\n${scripts}\n</body>`);
}

/** Text that does not end the element it stands in: JSON and JavaScript read \\u003c in a string as <. */
function withinScript(text: string): string {
  return text.replace(/<(?=\/script|!--|script)/gi, '\\u003c');
}
