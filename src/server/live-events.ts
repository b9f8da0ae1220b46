// What a run tells, for every page that listens: each event as it comes, and for one that comes late what it has missed.
import type { LiveEvent } from './protocol.js';

type Hear = (event: LiveEvent) => void;

export class LiveEvents {
  readonly #listeners = new Set<Hear>();
  /** In order; of progress only the latest of each stage. */
  #told: LiveEvent[] = [];

  readonly tell = (event: LiveEvent): void => {
    if (event.type === 'progress') {
      this.#told = this.#told.filter((one) => one.type !== 'progress' || one.stage !== event.stage);
    }
    this.#told.push(event);
    for (const hear of this.#listeners) hear(event);
  };

  /** Hears what was told and what will be. Returns how to stop. */
  listen(hear: Hear): () => void {
    for (const event of this.#told) hear(event);
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }
}
