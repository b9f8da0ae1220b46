// What metrics are measured on: the SAEs of a group, a kernel, and what several metrics share.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Member } from '../sae/member.js';
import { UnitRows } from './pairs/unit-rows.js';

export interface MetricContext {
  readonly members: readonly Member[];
  readonly kernel: Kernel;
  readonly work: WorkOptions;
  /** Rows of these SAEs at length 1, which several metrics compare. */
  readonly units: UnitRows;
  /** Computes what has this name once: best matches and assignments serve more than one metric. */
  once<T>(name: string, compute: () => Promise<T>): Promise<T>;
}

/** A context for these SAEs and nothing else. */
export function contextOf(members: readonly Member[], kernel: Kernel, work: WorkOptions = {}): MetricContext {
  const known = new Map<string, Promise<unknown>>();
  return {
    members,
    kernel,
    work,
    units: new UnitRows(),
    once<T>(name: string, compute: () => Promise<T>): Promise<T> {
      const value = known.get(name) ?? compute();
      known.set(name, value);
      return value as Promise<T>;
    },
  };
}
