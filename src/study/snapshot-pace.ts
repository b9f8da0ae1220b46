// When runs that train are saved: every few seconds, so that a kill costs little, and less often where writing takes long.

/** A snapshot is written when this much time has gone by since the last: what a kill can cost. */
const snapshotEverySeconds = 4;

/** Large SAEs take long to write: at most this share of the time goes into snapshots. */
const snapshotShare = 0.02;

/** Seconds from the end of one snapshot to the next. @param took seconds that the last one was written for */
export function untilNextSnapshot(took: number): number {
  return Math.max(snapshotEverySeconds, took / snapshotShare);
}

export class SnapshotPace {
  #last = performance.now();
  #wait = untilNextSnapshot(0);

  get isDue(): boolean {
    return performance.now() - this.#last > 1000 * this.#wait;
  }

  /** @param write writes the snapshot; the time it takes says when the next is due */
  async save(write: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await write();
    this.#last = performance.now();
    this.#wait = untilNextSnapshot((this.#last - began) / 1000);
  }
}
