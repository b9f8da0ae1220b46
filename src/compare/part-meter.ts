// How far measuring is, by what its parts cost beside each other.
import {
  type PlannedPart,
  partOf,
  plannedParts,
  type Sizes,
  secondsOf,
  typicalRates,
} from '../evidence/plan.js';
import { dModel, dSae, kOf, type Sae } from '../sae/sae.js';
import { type Listener, StageMeter } from './progress.js';

/** A group that is going to be measured. */
export interface MeteredGroup {
  readonly id: string;
  readonly saes: readonly { readonly sae: Sae; readonly init?: unknown }[];
  /** N; 0 without activations. */
  readonly rows: number;
}

/** Active features a row where the architecture does not say. */
const usual = 64;

export class PartMeter {
  readonly #meter: StageMeter;
  /** By the full name of a part: when it begins, and how long it takes, on the scale of the meter. */
  readonly #parts = new Map<string, { readonly begin: number; readonly length: number }>();
  readonly #ends = new Map<string, number>();

  constructor(listen: Listener, groups: readonly MeteredGroup[]) {
    let total = 0;
    for (const group of groups) {
      for (const { name, calls } of partsOf(group)) {
        const length = secondsOf(calls, typicalRates(sizesOf(group)));
        this.#parts.set(`${group.id}/${name}`, { begin: total, length });
        total += length;
      }
      this.#ends.set(group.id, total);
    }
    this.#meter = new StageMeter(listen, 'comparison', Math.max(total, Number.MIN_VALUE));
  }

  /** A part of a group has begun, or so much of it is done. */
  at(name: string, share = 0): void {
    const [group] = [...this.#ends.keys()]
      .filter((id) => name.startsWith(`${id}/`))
      .sort((a, b) => b.length - a.length);
    const own = group === undefined ? name : name.slice(group.length + 1);
    const part = this.#parts.get(`${group}/${partOf(own)}`);
    // What the plan does not know of takes little time.
    if (part) this.#meter.reach(part.begin + share * part.length);
    this.#meter.at(this.#ends.size > 1 ? name : own);
  }

  /** All of a group is measured. */
  end(group: string): void {
    this.#meter.reach(this.#ends.get(group) as number);
    this.#meter.at(group);
  }
}

function partsOf({ saes, rows }: MeteredGroup): PlannedPart[] {
  return plannedParts({
    saes: saes.length,
    codes: rows > 0,
    init: saes.every(({ init }) => init !== undefined),
  });
}

function sizesOf({ saes, rows }: MeteredGroup): Sizes {
  const mean = (of: (sae: Sae) => number) => saes.reduce((sum, { sae }) => sum + of(sae), 0) / saes.length;
  return {
    features: mean(dSae),
    width: mean(dModel),
    rows,
    active: mean((sae) => kOf(sae) ?? usual),
  };
}
