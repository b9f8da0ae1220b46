// Where a page has its folder from: the server that it came from, or itself, when everything lies in one file.
import type { Collections, FeatureWeights, FolderState, LiveEvent } from '../../../src/server/protocol.js';
import type { ByteSource } from './byte-source.js';
import { type Engine, LocalEngine } from './engine.js';
import { WorkerEngine } from './worker-engine.js';

export interface Source {
  state(): Promise<FolderState>;
  collections(): Promise<Collections>;
  save(collections: Collections): Promise<void>;
  /** Undefined where the folder has no such file. */
  bytes(name: 'features.parquet' | 'examples.parquet', state: FolderState): ByteSource | undefined;
  /** Undefined where the weights are not at hand. */
  weights(sae: string, feature: number, others: readonly string[]): Promise<FeatureWeights | undefined>;
  engine(): Engine;
  /** Whether files can be compared here: that takes a thread of its own, with code that a page in one file has not. */
  readonly compares: boolean;
  /** Address of the report; undefined where there is none. */
  report(state: FolderState): string | undefined;
  /** Hears what a run tells. Returns how to stop. */
  listen(hear: (event: LiveEvent) => void): () => void;
}

/** What `--single-file` puts into the page, as JSON and base64. */
export interface Inlined {
  readonly state: FolderState;
  readonly collections: Collections;
  readonly files: Readonly<Partial<Record<'features.parquet' | 'examples.parquet', string>>>;
}

export function openSource(document: Document): Source {
  const inlined = document.getElementById('reseed-data')?.textContent;
  if (inlined) return new OneFile(JSON.parse(inlined) as Inlined);
  const token = document.querySelector<HTMLMetaElement>('meta[name=reseed-token]')?.content ?? '';
  return new Served(token);
}

class Served implements Source {
  readonly compares = true;

  constructor(private readonly token: string) {}

  state(): Promise<FolderState> {
    return json('api/state');
  }

  collections(): Promise<Collections> {
    return json('api/collections');
  }

  async save(collections: Collections): Promise<void> {
    await json('api/collections', {
      method: 'PUT',
      headers: { 'x-reseed-token': this.token, 'content-type': 'application/json' },
      body: JSON.stringify(collections),
    });
  }

  bytes(name: 'features.parquet' | 'examples.parquet', { files }: FolderState): ByteSource | undefined {
    const bytes = files[name];
    return bytes === undefined ? undefined : { url: new URL(`data/${name}`, location.href).href, bytes };
  }

  async weights(
    sae: string,
    feature: number,
    others: readonly string[],
  ): Promise<FeatureWeights | undefined> {
    const asked = encodeURIComponent(others.join('\n'));
    const answer = await fetch(`api/feature/${encodeURIComponent(sae)}/${feature}?others=${asked}`);
    return answer.ok ? answer.json() : undefined;
  }

  engine(): Engine {
    return new WorkerEngine();
  }

  report({ files }: FolderState): string | undefined {
    return files['report.html'] === undefined ? undefined : 'data/report.html';
  }

  listen(hear: (event: LiveEvent) => void): () => void {
    const events = new EventSource('api/events');
    events.addEventListener('message', ({ data }: MessageEvent<string>) => hear(JSON.parse(data)));
    return () => events.close();
  }
}

class OneFile implements Source {
  readonly compares = false;

  constructor(private readonly inlined: Inlined) {}

  async state(): Promise<FolderState> {
    return this.inlined.state;
  }

  async collections(): Promise<Collections> {
    return this.inlined.collections;
  }

  async save(): Promise<void> {
    throw new Error('a page in one file keeps nothing: export the collection instead');
  }

  bytes(name: 'features.parquet' | 'examples.parquet'): ByteSource | undefined {
    const text = this.inlined.files[name];
    if (text === undefined) return undefined;
    const data = Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
    return { data };
  }

  async weights(): Promise<undefined> {
    return undefined;
  }

  engine(): Engine {
    return new LocalEngine();
  }

  report(): undefined {
    return undefined;
  }

  listen(): () => void {
    return () => {};
  }
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json() as Promise<T>;
}
