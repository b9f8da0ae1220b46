// Serves the page over a folder on this machine alone, until it is closed.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ReseedError } from '../errors.js';
import { explorerApp } from './app.js';
import { readBuiltPage } from './built-page.js';
import { ExploredFolder } from './explored-folder.js';
import { CodeReader } from './feature-codes.js';
import { loopback } from './guard.js';
import type { LiveEvents } from './live-events.js';

export interface ExploreOptions {
  /** 0 or absent: any that is free. */
  readonly port?: number;
  readonly live?: LiveEvents;
  /** Whether weights may be read that lie outside of the folder, where its results say. */
  readonly outside?: boolean;
  /** Whether pages of this machine may show it in a frame, as notebooks do. */
  readonly framed?: boolean;
  /** Activations that the SAEs encode, to compare codes. */
  readonly activations?: string;
}

export interface Explorer {
  readonly url: string;
  /** Ends at once, whatever is still being sent. */
  close(): Promise<void>;
}

/**
 * @param path of the folder; without one the page compares files that are dropped on it
 * @throws input.file where there is no such folder; usage.argument where the port is taken
 */
export async function explore(
  path: string | undefined,
  { port = 0, activations, ...options }: ExploreOptions = {},
): Promise<Explorer> {
  const folder = path === undefined ? undefined : await ExploredFolder.open(path);
  const codes = activations === undefined ? undefined : await CodeReader.open(activations);
  let listensAt = port;
  const app = explorerApp({
    ...(folder ? { folder } : {}),
    page: await readBuiltPage(),
    token: randomBytes(24).toString('base64url'),
    port: () => listensAt,
    command: ['reseed explore', ...(path === undefined ? [] : [path])].join(' '),
    ...options,
    ...(codes ? { codes } : {}),
  });
  const server = createAdaptorServer({ fetch: app.fetch, hostname: loopback }) as Server;
  server.listen({ port, host: loopback, backlog: 4096 });
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    throw new ReseedError('usage.argument', 'it cannot listen there', {
      field: '--port',
      found: cause.code === 'EADDRINUSE' ? `${port}, which is in use` : `${port}: ${cause.message}`,
      expected: 'a free port, or none for any',
      cause,
    });
  });
  listensAt = (server.address() as AddressInfo).port;
  return {
    url: `http://${loopback}:${listensAt}/`,
    async close() {
      server.close();
      server.closeAllConnections();
      await folder?.close();
      await codes?.close();
    },
  };
}
