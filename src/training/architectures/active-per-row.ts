// k, the setting of architectures that keep a number of features of each row.

import type { SaeBase, SettingProblem } from '../architecture.js';
import { type Axis, whole } from '../setting.js';

export const k = {
  schema: whole,
  description: 'active features per row; per row on average where a batch selects them',
  prefix: 'k',
  words: { name: 'k', short: 'k', column: 'k' },
} satisfies Axis;

interface HasK {
  readonly k: number;
}

/** What follows from having it. */
export const activePerRow = {
  problem: ({ k: active, dSae }: SaeBase & HasK): SettingProblem | undefined =>
    active > dSae ? { key: 'k', problem: 'k is larger than dSae' } : undefined,
  activePerRow: ({ k: active }: HasK): number => active,
};
