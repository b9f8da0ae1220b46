// The routes: the page, the files of the folder that it reads, what is computed for it, and the collections that it writes.
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { ReseedError } from '../errors.js';
import { version } from '../version.js';
import type { PageFile } from './built-page.js';
import {
  mostCollectionBytes,
  noCollections,
  parseCollections,
  readCollections,
  writeCollections,
} from './collections.js';
import type { ExploredFolder } from './explored-folder.js';
import type { CodeReader } from './feature-codes.js';
import { WeightReader } from './feature-weights.js';
import { readFolder, weightPaths, words } from './folder-state.js';
import { guard, reportPolicy } from './guard.js';
import type { LiveEvents } from './live-events.js';
import { type FolderState, type ServedFile, servedFiles } from './protocol.js';
import { fileResponse } from './ranges.js';

export interface AppOptions {
  /** Absent where files are compared that are dropped on the page. */
  readonly folder?: ExploredFolder;
  readonly page: ReadonlyMap<string, PageFile>;
  /** Secret of this server, which its page knows. */
  readonly token: string;
  readonly port: () => number;
  /** What opens this page again. */
  readonly command: string;
  readonly live?: LiveEvents;
  /** Whether weights may be read that lie outside of the folder, where its results say. */
  readonly outside?: boolean;
  /** Whether pages of this machine may show it in a frame. */
  readonly framed?: boolean;
  /** Encodes activations, to compare codes. */
  readonly codes?: CodeReader;
}

const mediaTypes: Readonly<Record<ServedFile, string>> = {
  'results.json': 'application/json',
  'collections.json': 'application/json',
  'features.parquet': 'application/vnd.apache.parquet',
  'examples.parquet': 'application/vnd.apache.parquet',
  'report.html': 'text/html; charset=utf-8',
};

/** What is told of no folder. */
const noFolder = {
  name: 'reseed',
  empty: true,
  files: {},
  weights: [],
  live: false,
  writable: false,
  words,
} as const;

export function explorerApp(options: AppOptions): Hono {
  const { folder, page, token, port, live, framed = false } = options;
  const app = new Hono();
  app.use(guard(port, token, { framed }));
  answerFromResults(app, options);
  answerEvents(app, live);
  keepCollections(app, folder);
  serveFiles(app, folder);
  servePage(app, page, token);
  app.onError((error, context) => {
    const known = error instanceof ReseedError;
    return context.text(`${known ? error.message : 'something went wrong here'}\n`, known ? 400 : 500);
  });
  return app;
}

/** What is known of the folder, and what its weights tell of a feature. */
function answerFromResults(app: Hono, { folder, command, live, outside = false, codes }: AppOptions): void {
  let reader = new WeightReader(new Map(), codes);
  const state = async (): Promise<FolderState> => {
    if (!folder) return { ...noFolder, version, command };
    const read = await readFolder(folder);
    const paths = await weightPaths(folder, read, outside);
    if (paths.size !== reader.paths.size) reader = new WeightReader(paths, codes);
    return {
      ...read,
      name: folder.name,
      version,
      command,
      weights: [...paths.keys()],
      live: live !== undefined,
      writable: true,
      words,
    };
  };
  app.get('/api/state', async (context) => context.json(await state()));
  app.get('/api/feature/:sae/:feature', async (context) => {
    const { sae, feature } = context.req.param();
    if (reader.paths.size === 0) await state();
    const others = (context.req.query('others') ?? '').split('\n').filter((id) => id !== '' && id !== sae);
    const found = /^\d{1,9}$/.test(feature) ? await reader.of(sae, Number(feature), others) : undefined;
    return found ? context.json(found) : context.text('no weights of such a feature\n', 404);
  });
}

/** Tells the events of a run until the page is gone. */
function answerEvents(app: Hono, live: LiveEvents | undefined): void {
  app.get('/api/events', (context) => {
    if (!live) return context.text('no run is followed\n', 404);
    return streamSSE(context, async (stream) => {
      const stop = live.listen((event) => {
        void stream.writeSSE({ data: JSON.stringify(event) });
      });
      await new Promise<void>((gone) => stream.onAbort(gone));
      stop();
    });
  });
}

function keepCollections(app: Hono, folder: ExploredFolder | undefined): void {
  app.get('/api/collections', async (context) => {
    const file = await folder?.within('collections.json');
    return context.json(file === undefined ? noCollections : await readCollections(file));
  });
  app.put('/api/collections', async (context) => {
    if (!folder) return context.text('no folder is explored\n', 404);
    if (Number(context.req.header('content-length') ?? Number.POSITIVE_INFINITY) > mostCollectionBytes) {
      return context.text('too many bytes\n', 413);
    }
    const value: unknown = await context.req.json().catch(() => undefined);
    await writeCollections(`${folder.root}/collections.json`, parseCollections(value));
    return context.json({ saved: true });
  });
}

/** The files of the folder that the page reads, whole or by ranges. */
function serveFiles(app: Hono, folder: ExploredFolder | undefined): void {
  app.get('/data/:name', async (context) => {
    const name = servedFiles.find((one) => one === context.req.param('name'));
    const file = name && (await folder?.file(name));
    if (!file) return context.text('no such file\n', 404);
    const asked = {
      range: context.req.header('range'),
      known: context.req.header('if-none-match'),
      head: context.req.method === 'HEAD',
    };
    return fileResponse(
      file,
      mediaTypes[name],
      asked,
      name === 'report.html' ? { 'content-security-policy': reportPolicy } : {},
    );
  });
}

/** The page itself, which is told the secret. */
function servePage(app: Hono, page: AppOptions['page'], token: string): void {
  app.get('*', (context) => {
    const path = context.req.path === '/' ? '/index.html' : context.req.path;
    const file = page.get(path);
    if (!file) return context.text('no such page\n', 404);
    const text = path === '/index.html' ? file.text.replace('%token%', token) : file.text;
    return context.body(text, 200, { 'content-type': file.type });
  });
}
