// Families: the features of several SAEs that are one, by the column of features.parquet that numbers them group by group.

import type { Block, FeatureTable } from './feature-table.js';
import { type FeatureFacts, factsAt } from './partners.js';

export interface FamilySeen {
  /** Its number among the families of the group. */
  readonly family: number;
  /** SAEs of the group; it has a member in some of them. */
  readonly of: number;
  readonly members: readonly FamilyMember[];
}

export interface FamilyMember {
  readonly sae: string;
  readonly feature: number;
  readonly facts: FeatureFacts;
}

/** [rows] in how many SAEs the feature is: 1 where it has no family. @param family [rows] −1 where there is none */
export function supportOf({ rows, blocks }: FeatureTable, family: Int32Array): Int32Array {
  const support = new Int32Array(rows).fill(1);
  for (const group of new Set(blocks.map((block) => block.group))) {
    const own = blocks.filter((block) => block.group === group);
    const members = new Map<number, number>();
    for (const { start, end } of firstOfEach(own)) {
      for (let i = start; i < end; i++) {
        if (family[i] >= 0) members.set(family[i], (members.get(family[i]) ?? 0) + 1);
      }
    }
    for (const { start, end } of own) {
      for (let i = start; i < end; i++) if (family[i] >= 0) support[i] = members.get(family[i]) ?? 1;
    }
  }
  return support;
}

/** The family that a row is of. Undefined where it has none, or families are not known. */
export function familyAt(table: FeatureTable, group: string, row: number): FamilySeen | undefined {
  const families = table.columns.get('family') as Int32Array | undefined;
  if (!families || families[row] < 0) return undefined;
  const feature = table.columns.get('feature') as Int32Array;
  const own = firstOfEach(table.blocks.filter((block) => block.group === group));
  const members = own.flatMap(({ sae, start, end }): FamilyMember[] => {
    const at = families.subarray(start, end).indexOf(families[row]);
    if (at < 0) return [];
    return [{ sae, feature: feature[start + at], facts: factsAt(table, start + at) }];
  });
  return { family: families[row], of: own.length, members };
}

/** Of each SAE the block in which it is seen first: a feature is in each of them once. */
function firstOfEach(blocks: readonly Block[]): readonly Block[] {
  const seen = new Map<string, Block>();
  for (const block of blocks) if (!seen.has(block.sae)) seen.set(block.sae, block);
  return [...seen.values()];
}
