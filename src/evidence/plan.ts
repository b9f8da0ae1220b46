// The parts of measuring a group, in their order, each with what it asks of the kernel.
import { metricOf, metrics } from '../metrics/registry.js';
import { type Calls, callsOf, type Work } from '../metrics/work.js';
import { nullsOf } from './measure-metrics.js';

/** What is known of a group before it is measured. */
export interface GroupSize {
  /** SAEs */
  readonly saes: number;
  readonly codes: boolean;
  readonly init: boolean;
}

export interface PlannedPart {
  /** As `onProgress` names it, without the id of the group. */
  readonly name: string;
  readonly calls: Calls;
}

/** Parts that come first, and whatever else is measured of one SAE. */
const perSae: readonly [name: string, work: Work][] = [
  ['controls', { perGroup: { match: 0.05 } }],
  // The best partner of each feature in its own SAE, and how far the encoder lies along one line.
  ['members', { perSae: { match: 1, spectrum: 0.3 } }],
];

/** The part of a name that a part is known by: parts of one SAE each are one part together. */
export function partOf(name: string): string {
  return /^(parallel|encoder-leading)\//.test(name) ? 'members' : name;
}

export function plannedParts({ saes, codes, init }: GroupSize): PlannedPart[] {
  const parts: PlannedPart[] = [];
  const add = (name: string, work: Work) => parts.push({ name, calls: callsOf(work, saes) });
  if (codes) add('encoding', { perSae: { encode: init ? 2 : 1 } });
  for (const [name, work] of perSae) add(name, work);
  const known = { codes, init };
  for (const { id } of saes < 2 ? [] : metrics) {
    const metric = metricOf(id);
    if (!metric.needs.every((need) => known[need])) continue;
    add(id, metric.work);
    for (const model of nullsOf(metric)) {
      if (!init && model.keeps.includes('start')) continue;
      add(`${id}/${model.kind}`, model.work(metric));
    }
  }
  if (codes && init) add('displacement.max/live', { perPair: { match: 1 } });
  // Coordinates of the features of either SAE on the axes of the other.
  add('features', { perPair: { product: 2 } });
  return parts;
}

/** Seconds of one call of each operation. */
export type Rates = Readonly<Record<keyof Required<Calls>, number>>;

export function secondsOf(calls: Calls, rates: Rates): number {
  return Object.entries(calls).reduce(
    (sum, [operation, count]) => sum + count * rates[operation as keyof Rates],
    0,
  );
}

export interface Sizes {
  /** F, of all SAEs together divided by their number */
  readonly features: number;
  /** d */
  readonly width: number;
  /** N */
  readonly rows: number;
  /** Active features a row. */
  readonly active: number;
}

/** What calls cost beside each other, from the multiply-adds of each and how fast they are done: for a bar, not in seconds. */
export function typicalRates({ features: f, width: d, rows: n, active: k }: Sizes): Rates {
  const fast = 1.5e11;
  const match = (f * f * d) / fast;
  return {
    match,
    assign: 4 * match + 3e-9 * f * f,
    coFire: (n * k * k) / 3e8,
    assignCodes: (n * k * k) / 1e8 + 1e-8 * f * f,
    product: (f * d * d) / 3e10,
    spectrum: (f * d * d) / 3e10 + (10 * d ** 3) / 1e10,
    encode: (n * f * d) / fast + (n * d * d) / 6e10,
  };
}
