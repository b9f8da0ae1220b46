// What every measurement of a group is made with: its SAEs, the kernel, the seed of the nulls, and what is kept between runs.
import { setMaxListeners } from 'node:events';
import { throwIfCancelled } from '../errors.js';
import { inMemory, type Keep, type Key, keepNothing } from '../keep.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { rememberingKernel } from '../kernel/remembering.js';
import type { DrawOptions } from '../metrics/draws/draws.js';
import type { NullContext } from '../metrics/nulls/model.js';
import type { NamedCodes } from '../metrics/pairs/activation.js';
import { UnitRows } from '../metrics/pairs/unit-rows.js';
import type { Member } from '../sae/member.js';
import { contentKey } from './content-key.js';
import { measuringVersions } from './versions.js';

export interface ExamineOptions extends WorkOptions {
  readonly kernel: Kernel;
  /** Names the streams that nulls are drawn from. */
  readonly seed: number;
  /** Draws per null at the most, at least 2. */
  readonly draws: number;
  /** Recalls what an earlier run has computed; nothing is kept where it is absent. */
  readonly keep?: Keep;
  /** Called with the name of each part before it is computed or recalled, and with how much of a long one is done (0 … 1). */
  readonly onProgress?: (part: string, share?: number) => void;
}

/** The kernel and what is kept, shared by all that is measured together. */
export interface Measuring extends ExamineOptions {
  /** Remembers slow comparisons; `kernel` itself is for draws, whose levels are kept instead. */
  readonly comparing: Kernel;
  readonly remember: Keep;
  readonly units: UnitRows;
  /** Whether what is kept outlives this process. */
  readonly keeps: boolean;
}

/** What is compared twice, or depends on a shape alone, is computed once by all that is measured with this. */
export function startMeasuring(options: ExamineOptions): Measuring {
  // Many measurements listen at once, and each stops listening when it ends.
  if (options.signal) setMaxListeners(0, options.signal);
  const remember = inMemory(options.keep ?? keepNothing);
  return {
    ...options,
    comparing: rememberingKernel(options.kernel, remember),
    remember,
    units: new UnitRows(),
    keeps: options.keep !== undefined,
  };
}

export interface GroupOfMembers {
  readonly id: string;
  /** Whose weights are all finite. */
  readonly members: readonly Member[];
  /** Σ(x − x̄)(x − x̄)ᵀ of the activations [d×d], where there are any. */
  readonly scatter?: Float64Array | undefined;
  /** x̄ of the activations without massive rows [d], where there are any. */
  readonly mean?: Float64Array | undefined;
  /** Mean kurtosis of the activations without their mean, where there are any. */
  readonly kurtosis?: number | undefined;
}

export class GroupContext implements NullContext {
  readonly members: readonly Member[];
  readonly kernel: Kernel;
  readonly work: WorkOptions;
  readonly units: UnitRows;
  readonly draw: DrawOptions;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(
    readonly group: GroupOfMembers,
    readonly measuring: Measuring,
  ) {
    const { kernel, comparing, seed, draws, signal } = measuring;
    this.members = group.members;
    this.kernel = comparing;
    this.work = signal ? { signal } : {};
    this.units = measuring.units;
    this.draw = { kernel, seed, draws, ...this.work };
  }

  // A field, so that it can be taken out of the context.
  readonly once = <T>(name: string, compute: () => Promise<T>): Promise<T> => {
    const value = this.#known.get(name) ?? compute();
    this.#known.set(name, value);
    return value as Promise<T>;
  };

  /** Says that a part begins, and computes it. */
  async part<T>(name: string, compute: () => Promise<T>): Promise<T> {
    throwIfCancelled(this.measuring.signal);
    this.measuring.onProgress?.(`${this.group.id}/${name}`);
    return compute();
  }

  /** Measurements at a time. Each may hold two sets of rows of its own, which large SAEs have no memory for. */
  get lanes(): number {
    const largest = Math.max(
      0,
      ...this.members.map(({ sae: { decoder } }) => 4 * decoder.rows * decoder.cols),
    );
    if (largest > 2 ** 28) return 1;
    return largest <= 2 ** 25 ? 4 : 2;
  }

  /** The same group with other members. */
  with(changed: Partial<GroupOfMembers>): GroupContext {
    return new GroupContext({ ...this.group, ...changed }, this.measuring);
  }

  async ofGroup<T>(key: Key, compute: () => Promise<T>): Promise<T> {
    if (!this.measuring.keeps) return compute();
    const members: string[] = [];
    for (const member of this.members) members.push(await contentKey(member));
    return this.measuring.remember(['group', ...key, ...this.#drawn(), ...members], compute);
  }

  ofShape<T>(key: Key, compute: () => Promise<T>): Promise<T> {
    return this.measuring.remember(['shape', ...key, ...this.#drawn()], compute);
  }

  async untrained(): Promise<readonly NamedCodes[] | undefined> {
    const known = this.members.flatMap(({ id, initCodes }) => (initCodes ? [{ id, codes: initCodes }] : []));
    return known.length === this.members.length ? known : undefined;
  }

  get scatter(): Float64Array | undefined {
    return this.group.scatter;
  }

  #drawn(): Key {
    const { seed, draws } = this.measuring;
    const { kernel, metrics, nulls } = measuringVersions;
    return [seed, draws, JSON.stringify({ kernel, metrics, nulls })];
  }
}
