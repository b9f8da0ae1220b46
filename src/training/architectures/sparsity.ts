// λ, the setting of architectures whose number of active features a penalty holds.
import { type Axis, positive } from '../setting.js';

export const sparsity = {
  schema: positive,
  description: 'weight of the sparsity term',
  prefix: 'sparsity',
  words: { name: 'sparsity coefficient', short: 'sparsity', column: 'Sparsity' },
} satisfies Axis;
