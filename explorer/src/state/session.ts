// What a page knows: the folder, the features as far as they are loaded, and what is selected of them.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { GroupInFile, ResultsFile } from '../../../src/results/results-file.js';
import type { Collections, FolderState } from '../../../src/server/protocol.js';
import { openBytes } from '../data/byte-source.js';
import type { Engine, Selection, TableInfo } from '../data/engine.js';
import { Examples } from '../data/examples.js';
import type { Source } from '../data/source.js';
import type { Summary } from '../data/summary.js';
import { Comparison } from './comparison.js';
import type { AddressStore } from './history.js';

/** A selection that has been made, with what it gave. */
export interface Shown {
  readonly selection: Selection;
  readonly summary: Summary;
}

export interface Known {
  readonly folder?: FolderState;
  readonly results?: ResultsFile;
  /** Why nothing can be shown. */
  readonly problem?: string;
  /** Share of the features that is read, while it is. */
  readonly loading?: number;
  readonly table?: TableInfo;
  /** Why there are no features. */
  readonly tableProblem?: string;
  readonly shown?: Shown;
  readonly examples?: Examples;
  readonly examplesProblem?: string;
  readonly collections: Collections;
  /** Whether those of the folder have been read: what is saved before would replace them. */
  readonly collectionsRead: boolean;
  /** What went wrong when they were saved. */
  readonly saveProblem?: string;
}

const retrySeconds = 2;

export class Session {
  readonly engine: Engine;
  /** Of two files that the reader drops on the page. */
  readonly comparison = new Comparison();
  #known: Known = {
    collections: { schema: 'reseed/collections/1', collections: [] },
    collectionsRead: false,
  };
  #tellRead = () => {};
  readonly #read = new Promise<void>((resolve) => {
    this.#tellRead = resolve;
  });
  readonly #listeners = new Set<() => void>();
  #selecting = false;
  #wanted!: Selection;

  constructor(
    readonly source: Source,
    readonly address: AddressStore,
  ) {
    this.engine = source.engine();
    address.subscribe(() => this.#select());
  }

  readonly get = (): Known => this.#known;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads the folder, then its features. A folder without results is asked again until it has some. */
  async open(): Promise<void> {
    try {
      const folder = await this.source.state();
      this.#learn({ folder });
      if (folder.problem !== undefined) return this.#learn({ problem: folder.problem });
      if (folder.empty) return;
      if (!folder.results) {
        setTimeout(() => void this.open(), 1000 * retrySeconds);
        return;
      }
      this.#learn({ results: folder.results });
      await Promise.all([this.#loadTable(folder), this.#loadBesides(folder)]);
    } catch (error) {
      this.#learn({ problem: (error as Error).message });
    }
  }

  /** What a run has written since is read, as when the page was opened. */
  async openAgain(): Promise<void> {
    const { results } = await this.source.state();
    if (results && results.createdAt !== this.#known.results?.createdAt) await this.open();
  }

  /** The group that is shown. */
  group({ results } = this.#known): GroupInFile | undefined {
    const asked = this.address.get().group;
    return results?.groups.find(({ id }) => id === asked) ?? results?.groups[0];
  }

  /** Changes the collections, once those of the folder are known. */
  async change(how: (collections: Collections) => Collections): Promise<void> {
    await this.#read;
    await this.save(how(this.#known.collections));
  }

  async save(collections: Collections): Promise<void> {
    const before = this.#known.collections;
    this.#learn({ collections });
    try {
      await this.source.save(collections);
    } catch (error) {
      this.#learn({ collections: before, saveProblem: (error as Error).message });
    }
  }

  async #loadTable(folder: FolderState): Promise<void> {
    const bytes = this.source.bytes('features.parquet', folder);
    if (!bytes) {
      return this.#learn({
        tableProblem: 'This folder has no features.parquet, so single features cannot be shown.',
      });
    }
    this.#learn({ loading: 0 });
    // What is told of columns may come before the answer that it adds to.
    let columns: Partial<TableInfo> = {};
    try {
      const table = await this.engine.load(bytes, (progress) => {
        if ('share' in progress) return this.#learn({ loading: progress.share });
        columns = progress;
        if (!this.#known.table) return;
        this.#learn({ table: { ...this.#known.table, ...columns } });
        // A filter or an order may have waited for it.
        const { filter, sort } = this.address.get();
        if (filter !== '' || sort) void this.#select(true);
      });
      const { loading: _, ...known } = this.#known;
      this.#known = known;
      this.#learn({ table: { ...table, ...columns } });
      this.#select();
    } catch (error) {
      this.#learn({ tableProblem: `features.parquet cannot be read: ${(error as Error).message}.` });
    }
  }

  async #loadBesides(folder: FolderState): Promise<void> {
    this.#learn({ collections: await this.source.collections(), collectionsRead: true });
    this.#tellRead();
    const bytes = this.source.bytes('examples.parquet', folder);
    if (!bytes) return;
    try {
      this.#learn({ examples: await Examples.open(openBytes(bytes)) });
    } catch (error) {
      this.#learn({ examplesProblem: (error as Error).message });
    }
  }

  /** One selection at a time; of those that are asked for meanwhile, the last. @param again even if it is the same */
  async #select(again = false): Promise<void> {
    const group = this.group()?.id;
    if (!this.#known.table || group === undefined) return;
    const { filter, cut, sort } = this.address.get();
    this.#wanted = { group, filter, cut, sort };
    if (this.#selecting) return;
    this.#selecting = true;
    for (let due = again; due || !sameSelection(this.#wanted, this.#known.shown?.selection); due = false) {
      const selection: Selection = this.#wanted;
      try {
        this.#learn({ shown: { selection, summary: await this.engine.select(selection) } });
      } catch (error) {
        this.#learn({ tableProblem: (error as Error).message });
        break;
      }
    }
    this.#selecting = false;
  }

  #learn(more: Partial<Known>): void {
    this.#known = { ...this.#known, ...more };
    for (const listener of this.#listeners) listener();
  }
}

function sameSelection(a: Selection, b: Selection | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('outside of a page');
  return session;
}

export function useKnown(): Known {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.get);
}
