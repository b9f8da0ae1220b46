// JumpReLU: each feature has a threshold of its own, learnt straight through (Rajamanoharan et al. 2407.14435).
//
// Its loss has λ·L0, or λ·(L0/target − 1)², where λ is 1 unless it is given too.
import { sharedFloat32 } from '../../tensor/matrix.js';
import { type Axis, positive } from '../setting.js';
import { denseArchitecture } from './dense-trainer.js';
import { sparsity } from './sparsity.js';

const targetL0 = {
  schema: positive,
  description: 'active features per row that it is trained towards',
  prefix: 'l0-',
  words: { name: 'target for the active features', short: 'target', column: 'Target' },
} satisfies Axis;

export const jumprelu = denseArchitecture({
  name: 'jumprelu',
  version: 1,
  settings: { sparsity, targetL0 },
  needs: 'one',
  rule: 'jumprelu',
  penalty: (own) => own,
  activePerRow: ({ targetL0: target }) => target,
  perFeature: ({ dSae }, { threshold }) => ({ threshold: sharedFloat32(dSae).fill(threshold) }),
  activation: ({ threshold }) => ({ kind: 'jumprelu', threshold }),
});
