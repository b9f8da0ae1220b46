// What a unit costs, from sizes alone: the same on every machine, so that everybody cuts a study into the same units.
//
// Seconds are those of one processor at the paces below and of evidence/plan.ts. They sort units, bundle small ones and fill plans;
// of small SAEs, which a process takes longer to open than to measure, they say too little.
import { type Sizes, secondsOf, typicalRates } from '../../evidence/plan.js';
import { type Calls, callsOf } from '../../metrics/work.js';
import { architectures } from '../../training/architectures/registry.js';
import type { PlannedGroup } from '../plan.js';
import { heldBytes } from '../shelved-saes.js';
import type { SiteShape } from '../sources/index.js';
import { lengthOf, snapshotSteps } from '../trainer.js';

/** Active features a row where the architecture does not say. */
const usual = 64;

/** Node, the code and the kernel. */
const base = 2e8;

/** Multiply-adds a second of training: products with all features, and with the active ones. */
const pace = { dense: 4e10, active: 6e9 };

/** Typical rates are for two processors. */
const processors = 2;

export interface GroupSizes extends Sizes {
  readonly saes: number;
  /** Bytes of the weights of one SAE. */
  readonly weights: number;
  /** Whether the architecture bounds the active features of a row. */
  readonly bounded: boolean;
}

export function sizesOfGroup({ settings, saes }: PlannedGroup, { rows, cols }: SiteShape): GroupSizes {
  const { dSae: features } = settings;
  const active = architectures[settings.architecture].activePerRow?.(settings);
  return {
    features,
    width: cols,
    rows,
    active: active ?? Math.min(features, usual),
    bounded: active !== undefined,
    saes: saes.length,
    weights: 4 * (2 * features * cols + features + cols),
  };
}

/** Seconds of calls of the kernel. */
export function callSeconds(sizes: Sizes, calls: Calls): number {
  return processors * secondsOf(calls, typicalRates(sizes));
}

/** Seconds that one SAE is trained for. */
export function trainSeconds(group: PlannedGroup, shape: SiteShape): number {
  const { features, width, active } = sizesOfGroup(group, shape);
  const { settings } = group;
  const taken = lengthOf(settings, shape.rows).steps * Math.min(settings.batchSize, shape.rows);
  const sparse = architectures[settings.architecture].family === 'top-k';
  const dense = (sparse ? 1 : 6) * features * width;
  return taken * (dense / pace.dense + (sparse ? (8 * active * width) / pace.active : 0));
}

export function trainBytes(group: PlannedGroup, shape: SiteShape, saes: number) {
  const { weights } = sizesOfGroup(group, shape);
  const data = 4 * shape.rows * shape.cols;
  const snapshots = snapshotSteps(group.settings, shape.rows).length;
  return {
    // Weights, both moments, and what a step holds or a checkpoint is written from.
    memory: base + data + 5 * saes * weights,
    reads: data,
    writes: saes * weights * (1 + snapshots),
  };
}

/** @param codes whether codes are needed: then both SAEs encode the activations */
export function pairBytes(sizes: GroupSizes, codes: boolean) {
  const { weights, features, width, rows, active } = sizes;
  const data = codes ? 4 * rows * width : 0;
  const solver = Math.min(3 * 2 ** 28, 24 * features * features);
  return {
    memory: base + data + 2 * weights + 4 * 4 * features * width + solver + (codes ? 16 * rows * active : 0),
    reads: 2 * weights + data,
    writes: 4 * 24 * features,
  };
}

/** Of what looks at all SAEs of a group: of large ones some are held, and a pair is at length 1. */
export function groupBytes({ weights, features, width, rows, active, saes }: GroupSizes) {
  const data = 4 * rows * width;
  const tables = saes * (saes - 1) * features * 57;
  const held = Math.min(2 * saes * weights, Math.max(heldBytes, 3 * weights));
  const pair = 4 * 4 * features * width;
  return {
    memory: base + data + held + pair + Math.min(2 ** 30, 2 * saes * rows * active * 8) + tables,
    reads: saes * weights + data,
    writes: tables,
  };
}

/** Seconds of encoding the activations and describing SAEs and rows, which no other unit does. */
export function describeSeconds(sizes: GroupSizes): number {
  return callSeconds(
    sizes,
    callsOf({ perSae: { encode: 2, match: 1, spectrum: 1.3 }, perGroup: { spectrum: 1 } }, sizes.saes),
  );
}
