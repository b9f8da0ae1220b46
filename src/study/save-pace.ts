// When the state of training is saved: every few seconds, so that a kill costs little, and less often where writing takes long.

/** It is saved when this much time has gone by since the last: what a kill can cost. */
const saveEverySeconds = 4;

/** Large SAEs take long to write: at most this share of the time goes into saving. */
const saveShare = 0.02;

/** Seconds from the end of one saving to the next. @param took seconds that the last one took */
export function untilNextSave(took: number): number {
  return Math.max(saveEverySeconds, took / saveShare);
}

export class SavePace {
  #last = performance.now();
  #wait = untilNextSave(0);

  get isDue(): boolean {
    return performance.now() - this.#last > 1000 * this.#wait;
  }

  /** @param write saves; the time it takes says when the next is due */
  async save(write: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await write();
    this.#last = performance.now();
    this.#wait = untilNextSave((this.#last - began) / 1000);
  }
}
