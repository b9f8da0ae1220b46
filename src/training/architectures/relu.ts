// ReLU with an L1 penalty on its activations (Bricken et al. 2023).
import { denseArchitecture } from './dense-trainer.js';
import { sparsity } from './sparsity.js';

export const relu = denseArchitecture({
  name: 'relu',
  version: 1,
  settings: { sparsity },
  needs: 'all',
  rule: 'relu',
  penalty: (own) => own,
  activation: () => ({ kind: 'relu' }),
});
