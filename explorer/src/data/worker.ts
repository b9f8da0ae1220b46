// The engine in a thread of its own: each message is a call, each answer carries the number of its call.
import { type Engine, LocalEngine } from './engine.js';

/** A call as it is sent; `load` hears of progress besides its answer. */
export interface Call {
  readonly id: number;
  readonly method: keyof Engine;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly problem: string }
  | { readonly id: number; readonly progress: unknown };

const engine = new LocalEngine();

addEventListener('message', async ({ data }: MessageEvent<Call>) => {
  const { id, method, args } = data;
  const answer = (value: Answer) => postMessage(value);
  try {
    const call = engine[method] as (...given: unknown[]) => Promise<unknown>;
    const onProgress = (progress: unknown) => answer({ id, progress });
    answer({ id, value: await call.apply(engine, [...args, ...(method === 'load' ? [onProgress] : [])]) });
  } catch (error) {
    answer({ id, problem: (error as Error).message });
  }
});
