// Two checkpoints compared in the browser: what is asked of the worker that does it, and what it answers.
import type { DecoderComparison, DecoderPart } from '../../../src/compare/compare-decoders.js';

/** A file as it was dropped: its path begins at the folder that was dropped, or is its name. */
export interface DroppedFile {
  readonly path: string;
  readonly file: Blob;
}

/** `auto` takes a GPU where the browser offers one, `webgpu` one that is computed on the CPU too. */
export type ComputeChoice = 'auto' | 'webgpu' | 'cpu';

export interface ComparisonQuestion {
  readonly a: readonly DroppedFile[];
  readonly b: readonly DroppedFile[];
  /** What to call them. */
  readonly names: readonly [string, string];
  readonly by: ComputeChoice;
}

/** What a file was taken to be. */
export interface ReadAs {
  readonly format: string;
  readonly assumptions: readonly string[];
}

export interface ComparisonDone extends DecoderComparison {
  readonly readAs: readonly [ReadAs, ReadAs];
  /** What computed. */
  readonly by: string;
  readonly seconds: number;
}

export type ComparisonPart = 'reading' | DecoderPart;

export type ComparisonAnswer =
  | { readonly part: ComparisonPart; readonly share?: number }
  /** For people: why no GPU is used, or that one was given up. */
  | { readonly line: string }
  | { readonly done: ComparisonDone }
  | { readonly problem: string };

export interface RunningComparison {
  /** Ends it; nothing more is heard. */
  cancel(): void;
}

/** Starts a comparison in a thread of its own. */
export function startComparison(
  question: ComparisonQuestion,
  hear: (answer: ComparisonAnswer) => void,
): RunningComparison {
  const worker = new Worker(new URL('./here/worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<ComparisonAnswer>) => {
    if ('done' in data || 'problem' in data) worker.terminate();
    hear(data);
  });
  worker.addEventListener('error', ({ message }) => {
    worker.terminate();
    hear({
      problem: `The thread that compares has died${message ? `: ${message}` : ', perhaps for want of memory'}.`,
    });
  });
  worker.postMessage(question);
  return { cancel: () => worker.terminate() };
}
