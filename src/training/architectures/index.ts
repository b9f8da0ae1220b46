// The architectures that can be trained, by name.
import type { Architecture } from '../architecture.js';
import type { ArchitectureName } from '../sae-settings.js';
import { batchtopk } from './batchtopk.js';
import { gated } from './gated.js';
import { jumprelu } from './jumprelu.js';
import { matryoshkaBatchtopk } from './matryoshka-batchtopk.js';
import { relu } from './relu.js';
import { topk } from './topk.js';

export const architectures: Readonly<Record<ArchitectureName, Architecture>> = {
  topk,
  batchtopk,
  'matryoshka-batchtopk': matryoshkaBatchtopk,
  relu,
  jumprelu,
  gated,
};
