// What a study tells while it runs: which stage, how far, and how long it may still take.

/** One thing that happened. The order of events is the order of the work; nothing in the results depends on it. */
export type StudyEvent =
  | { readonly type: 'stage'; readonly stage: string; readonly detail: string }
  | {
      readonly type: 'progress';
      readonly stage: string;
      /** What is being worked on. */
      readonly item: string;
      readonly done: number;
      readonly total: number;
      /** Seconds that the stage may still take, once that can be told. */
      readonly secondsLeft?: number;
    }
  | {
      /** An epoch of some SAEs of a group is over. */
      readonly type: 'epoch';
      readonly group: string;
      readonly epoch: number;
      readonly epochs: number;
      readonly saes: readonly {
        readonly id: string;
        readonly loss: number;
        readonly features: number;
        /** Features that fire on none of a sample of rows; absent where nobody asked for it. */
        readonly dead?: number;
      }[];
    }
  | { readonly type: 'note'; readonly text: string };

export type Listener = (event: StudyEvent) => void;

/** Share of a stage that has to be done before the time left is told. */
const fewest = 0.02;

/** Counts the work of a stage and tells the time left from the pace of what was done since the start. */
export class StageMeter {
  #done: number;
  readonly #start = performance.now();
  #atStart: number;

  constructor(
    private readonly listen: Listener,
    private readonly stage: string,
    private readonly total: number,
    done = 0,
  ) {
    this.#done = done;
    this.#atStart = done;
  }

  /** Counts work that need not be done: it says nothing of the pace. */
  skip(by: number): void {
    this.#done += by;
    this.#atStart += by;
  }

  /** So much of all is done: never less than before. */
  reach(done: number): void {
    this.#done = Math.max(this.#done, Math.min(done, this.total));
  }

  /** Says what is being worked on. */
  at(item: string): void {
    const worked = this.#done - this.#atStart;
    const pace = (performance.now() - this.#start) / 1000 / worked;
    this.listen({
      type: 'progress',
      stage: this.stage,
      item,
      done: this.#done,
      total: this.total,
      // The first parts say little of the pace of all.
      ...(worked > fewest * this.total ? { secondsLeft: pace * (this.total - this.#done) } : {}),
    });
  }

  /** Counts finished work, and says what it was. */
  advance(item: string, by = 1): void {
    this.#done += by;
    this.at(item);
  }
}
