// The folder that is explored: which of its files are there, and their bytes, never of a file that lies elsewhere.
import type { Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { ReseedError } from '../errors.js';
import { type ServedFile, servedFiles } from './protocol.js';

/** A file that is open for reading, at the version that it had when it was opened. */
export interface OpenFile {
  readonly bytes: number;
  /** Changes whenever the file does. */
  readonly tag: string;
  /** @param end exclusive */
  read(start: number, end: number): Promise<Uint8Array>;
}

interface Held extends OpenFile {
  readonly handle: FileHandle;
}

export class ExploredFolder {
  readonly #held = new Map<ServedFile, { readonly tag: string; readonly file: Promise<Held> }>();

  private constructor(
    /** Absolute, with links resolved. */
    readonly root: string,
    /** As it was asked for. */
    readonly given: string,
  ) {}

  /** @throws input.file where it is missing or no folder */
  static async open(path: string): Promise<ExploredFolder> {
    const root = await realpath(path).catch(() => undefined);
    if (root === undefined || !(await stat(root)).isDirectory()) {
      throw new ReseedError('input.file', 'it is no folder that can be explored', {
        file: path,
        found: root === undefined ? 'nothing' : 'a file',
        expected: 'a folder that reseed run or reseed compare --out has written',
      });
    }
    return new ExploredFolder(root, path);
  }

  get name(): string {
    return basename(this.root);
  }

  /** Where a path of the folder leads when links are followed; undefined where nothing is there, or it lies outside. */
  async within(path: string): Promise<string | undefined> {
    const real = await realpath(join(this.root, path)).catch(() => undefined);
    return real?.startsWith(`${this.root}${sep}`) ? real : undefined;
  }

  /** Bytes of the files that can be served. */
  async files(): Promise<Partial<Record<ServedFile, number>>> {
    const found = await Promise.all(
      servedFiles.map(async (name) => [name, (await this.#find(name))?.stats.size] as const),
    );
    return Object.fromEntries(found.filter(([, bytes]) => bytes !== undefined));
  }

  /**
   * Undefined where there is no such file in the folder. However often it is asked for, each file is open once: many requests
   * at a time do not run out of files.
   */
  async file(name: ServedFile): Promise<OpenFile | undefined> {
    const found = await this.#find(name);
    if (!found) return undefined;
    const tag = tagOf(found.stats);
    const held = this.#held.get(name);
    if (held?.tag === tag) return held.file;
    const file = hold(found.path);
    this.#held.set(name, { tag, file });
    // What another run has written in its place is read no more.
    held?.file.then(({ handle }) => handle.close()).catch(() => undefined);
    return file;
  }

  async close(): Promise<void> {
    for (const { file } of this.#held.values()) {
      await file.then(({ handle }) => handle.close()).catch(() => undefined);
    }
    this.#held.clear();
  }

  async #find(name: ServedFile): Promise<{ readonly path: string; readonly stats: Stats } | undefined> {
    const path = await this.within(name);
    const stats = path === undefined ? undefined : await stat(path).catch(() => undefined);
    return path !== undefined && stats?.isFile() ? { path, stats } : undefined;
  }
}

function tagOf({ size, mtimeMs, ino }: Stats): string {
  return `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}-${ino.toString(36)}"`;
}

async function hold(path: string): Promise<Held> {
  const handle = await open(path, 'r');
  const stats = await handle.stat();
  return {
    handle,
    bytes: stats.size,
    tag: tagOf(stats),
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    },
  };
}
