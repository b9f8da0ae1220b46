// The engine as a page calls it when it runs in a worker.
import type { ByteSource } from './byte-source.js';
import type { Engine, FeatureId, Progress, Selection, TableInfo } from './engine.js';
import type { ExportFormat } from './export-rows.js';
import type { FamilySeen } from './families.js';
import type { FeatureSeen } from './partners.js';
import type { Cell } from './rows.js';
import type { Summary } from './summary.js';
import type { Answer } from './worker.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export class WorkerEngine implements Engine {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.id);
      if ('progress' in data) return waiting?.onProgress?.(data.progress as Progress);
      if ('problem' in data) waiting?.reject(new Error(data.problem));
      else waiting?.resolve(data.value);
      // Columns come in after a load has been answered.
      if (!waiting?.onProgress) this.#waiting.delete(data.id);
    });
  }

  load(source: ByteSource, onProgress: (progress: Progress) => void): Promise<TableInfo> {
    return this.#call('load', [source], onProgress);
  }

  select(selection: Selection): Promise<Summary> {
    return this.#call('select', [selection]);
  }

  rows(from: number, to: number, columns: readonly string[]): Promise<Cell[][]> {
    return this.#call('rows', [from, to, columns]);
  }

  feature(group: string, id: FeatureId): Promise<FeatureSeen | undefined> {
    return this.#call('feature', [group, id]);
  }

  family(group: string, id: FeatureId): Promise<FamilySeen | undefined> {
    return this.#call('family', [group, id]);
  }

  find(id: FeatureId): Promise<number | undefined> {
    return this.#call('find', [id]);
  }

  random(at: number): Promise<FeatureId | undefined> {
    return this.#call('random', [at]);
  }

  export(format: ExportFormat): Promise<Blob> {
    return this.#call('export', [format]);
  }

  #call<T>(
    method: keyof Engine,
    args: readonly unknown[],
    onProgress?: (progress: Progress) => void,
  ): Promise<T> {
    const id = this.#calls++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress });
      this.#worker.postMessage({ id, method, args });
    });
  }
}
