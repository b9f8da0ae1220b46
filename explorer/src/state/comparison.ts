// The comparison of two checkpoints on the page: which files, how far it is, what came out.
import { useSyncExternalStore } from 'react';
import {
  type ComparisonDone,
  type ComparisonPart,
  type ComputeChoice,
  type DroppedFile,
  type RunningComparison,
  startComparison,
} from '../data/comparison.js';

export interface ComparisonState {
  /** The files of the first and of the second. */
  readonly files: readonly [readonly DroppedFile[], readonly DroppedFile[]];
  readonly by: ComputeChoice;
  /** While it runs. */
  readonly running?: { readonly part: ComparisonPart; readonly share?: number };
  /** What was said on the way: that there is no GPU, that one was given up. */
  readonly lines: readonly string[];
  readonly done?: ComparisonDone;
  readonly problem?: string;
  readonly cancelled?: true;
}

type Start = typeof startComparison;

export class Comparison {
  #state: ComparisonState = { files: [[], []], by: 'auto', lines: [] };
  #running: RunningComparison | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly start: Start = startComparison) {}

  readonly get = (): ComparisonState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Files that were dropped on one side, in the place of those before. */
  put(side: 0 | 1, files: readonly DroppedFile[]): void {
    const [a, b] = this.#state.files;
    this.#stop({ files: side === 0 ? [files, b] : [a, files] });
  }

  choose(by: ComputeChoice): void {
    this.#stop({ by });
  }

  compare(): void {
    const { files, by } = this.#state;
    const names = namesOf(files);
    this.#stop({});
    this.#set({ running: { part: 'reading', share: 0 } });
    this.#running = this.start({ a: files[0], b: files[1], names, by }, (answer) => {
      if ('part' in answer) this.#set({ running: answer });
      else if ('line' in answer) this.#set({ lines: [...this.#state.lines, answer.line] });
      else this.#end('done' in answer ? { done: answer.done } : { problem: answer.problem });
    });
  }

  cancel(): void {
    this.#running?.cancel();
    this.#end({ cancelled: true });
  }

  /** What was found of other files, or otherwise, is found no more. */
  #stop(changes: Partial<ComparisonState>): void {
    this.#running?.cancel();
    this.#running = undefined;
    const { files, by } = this.#state;
    this.#state = { files, by, lines: [], ...changes };
    this.#tell();
  }

  #end(changes: Partial<ComparisonState>): void {
    this.#running = undefined;
    const { running: _, ...rest } = this.#state;
    this.#state = { ...rest, ...changes };
    this.#tell();
  }

  #set(changes: Partial<ComparisonState>): void {
    this.#state = { ...this.#state, ...changes };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function useComparison(comparison: Comparison): ComparisonState {
  return useSyncExternalStore(comparison.subscribe, comparison.get);
}

/** What to call the files of a side: the folder that they came in, or the file of weights. */
export function nameOf(files: readonly DroppedFile[]): string {
  const folder = files[0]?.path.split('/')[0];
  if (files.every(({ path }) => path.includes('/') && path.split('/')[0] === folder)) return folder ?? '';
  const weights = files.filter(({ path }) => !/\.(json|ya?ml|txt|md)$/i.test(path));
  return (weights[0] ?? files[0])?.path ?? '';
}

/** Two names that differ. */
export function namesOf(files: ComparisonState['files']): readonly [string, string] {
  const [a, b] = files.map(nameOf);
  return a === b ? [`${a} (first)`, `${b} (second)`] : [a, b];
}
