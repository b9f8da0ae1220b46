// Matryoshka BatchTopK: BatchTopK whose loss sums those of nested prefixes of its features (Bussmann et al. 2503.17547).
import { type Axis, list, whole } from '../setting.js';
import { activePerRow, k } from './active-per-row.js';
import { startWithThreshold, thresholdSae, topKArchitecture } from './top-k-trainer.js';

const groups = {
  schema: list(whole),
  description: 'prefixes of the dictionary, in features',
  prefix: 'groups',
  words: { name: 'Matryoshka prefixes', short: 'prefixes', column: 'Prefixes' },
} satisfies Axis;

export const matryoshkaBatchtopk = topKArchitecture({
  name: 'matryoshka-batchtopk',
  version: 1,
  settings: { k, groups },
  selection: 'batch',
  nested: true,
  keeps: ({ k: active, groups: prefixes }) => ({ k: active, prefixes }),
  ...activePerRow,
  problem(sae) {
    const { groups: sizes, dSae } = sae;
    const ascending = sizes.every((size, i) => i === 0 || size > sizes[i - 1]);
    const nested = ascending && sizes.at(-1) === dSae;
    const problem = 'groups must grow, and the last one must be dSae';
    return activePerRow.problem(sae) ?? (nested ? undefined : { key: 'groups', problem });
  },
  start: startWithThreshold,
  toSae: thresholdSae,
});
