// What every measurement is made with: the kernel, the seed of the nulls, and a memory of finished parts.
import { throwIfCancelled } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { type MeasuredMetric, measured } from '../metrics/measured.js';
import type { DrawOptions } from '../metrics/nulls/draws.js';
import type { Null } from '../metrics/nulls/null.js';
import { randomDirectionsNull } from '../metrics/nulls/random-directions.js';
import type { GroupScores } from '../metrics/pairs/pair-loop.js';
import type { Memo } from './evidence.js';

export interface ExamineOptions extends WorkOptions {
  readonly kernel: Kernel;
  /** Names the streams that nulls are drawn from. */
  readonly seed: number;
  /** Draws per null, at least 2. */
  readonly draws: number;
  readonly memo?: Memo;
  /** Called with the key of each slow part before it is computed or recalled. */
  readonly onProgress?: (part: string) => void;
}

export class Bench {
  readonly kernel: Kernel;
  readonly work: WorkOptions;
  readonly draw: DrawOptions;
  readonly #nulls = new Map<string, Promise<unknown>>();

  constructor(
    readonly group: string,
    private readonly options: ExamineOptions,
  ) {
    const { kernel, seed, draws, signal } = options;
    this.kernel = kernel;
    this.work = signal ? { signal } : {};
    this.draw = { kernel, seed, draws, ...this.work };
  }

  /** One slow part of this group; recalled where the memo has it. */
  part<T>(name: string, compute: () => Promise<T>): Promise<T> {
    return this.#remember(`${this.group}/${name}`, compute);
  }

  /**
   * A null of directions for members with these widths in d dimensions. It depends on nothing else, so groups of
   * the same shape share it.
   */
  nullOfWidths<T>(
    kind: string,
    widths: readonly number[],
    d: number,
    draw: (widths: readonly number[], d: number, options: DrawOptions) => Promise<T>,
  ): Promise<T> {
    const { seed, draws } = this.options;
    // In ascending order, so that the order of the members changes nothing.
    const sorted = [...widths].sort((a, b) => a - b);
    const key = `null/${kind}/d=${d}/widths=${sorted.join(',')}/seed=${seed}/draws=${draws}`;
    const known = this.#nulls.get(key);
    if (known) return known as Promise<T>;
    const drawn = this.#remember(key, () => draw(sorted, d, this.draw));
    this.#nulls.set(key, drawn);
    return drawn;
  }

  /** Scores of directions in d dimensions, held against random directions first. */
  async againstDirections(
    scores: GroupScores,
    d: number,
    more: readonly Null[] = [],
  ): Promise<MeasuredMetric> {
    const random = await this.nullOfWidths('random-directions', scores.widths, d, randomDirectionsNull);
    return measured(scores, scores.members, [random, ...more]);
  }

  async #remember<T>(key: string, compute: () => Promise<T>): Promise<T> {
    throwIfCancelled(this.options.signal);
    this.options.onProgress?.(key);
    return this.options.memo ? this.options.memo(key, compute) : compute();
  }
}

/** The part of scores that is remembered: JSON, without the features behind them. */
export function plainScores({ id, pairs, leftOut, members, widths }: GroupScores): GroupScores {
  return { id, pairs, leftOut, members, widths };
}
