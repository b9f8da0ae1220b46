// Which architectures a study can train, and which settings each of them has a use for.
import type { ArchitectureName } from '../training/sae-settings.js';

export { type ArchitectureName, architectureNames } from '../training/sae-settings.js';

/** Settings that belong to some architectures only. */
export const ownSettings = ['k', 'sparsity', 'targetL0', 'groups'] as const;
export type OwnSetting = (typeof ownSettings)[number];

interface Needs {
  readonly all?: readonly OwnSetting[];
  /** At least one of these. */
  readonly one?: readonly OwnSetting[];
}

const needs: Readonly<Record<ArchitectureName, Needs>> = {
  topk: { all: ['k'] },
  batchtopk: { all: ['k'] },
  'matryoshka-batchtopk': { all: ['k', 'groups'] },
  relu: { all: ['sparsity'] },
  jumprelu: { one: ['sparsity', 'targetL0'] },
  gated: { all: ['sparsity'] },
};

/** Whether an architecture has a use for this setting; of others it is left out. */
export function uses(architecture: ArchitectureName, setting: OwnSetting): boolean {
  const { all = [], one = [] } = needs[architecture];
  return all.includes(setting) || one.includes(setting);
}

/** What an architecture lacks, as the key to give; undefined where it has all it needs. */
export function lacking(
  architecture: ArchitectureName,
  given: Readonly<Partial<Record<OwnSetting, unknown>>>,
): OwnSetting | undefined {
  const { all = [], one = [] } = needs[architecture];
  const missing = all.find((key) => given[key] === undefined);
  if (missing) return missing;
  return one.length > 0 && one.every((key) => given[key] === undefined) ? one[0] : undefined;
}
