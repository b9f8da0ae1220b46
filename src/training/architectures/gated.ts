// Gated: a gate says which features are active, a magnitude how much (Rajamanoharan et al. 2404.16014). Both start alike.
import { sharedFloat32 } from '../../tensor/matrix.js';
import { denseArchitecture } from './dense-trainer.js';
import { sparsity } from './sparsity.js';

export const gated = denseArchitecture({
  name: 'gated',
  version: 1,
  settings: { sparsity },
  needs: 'all',
  rule: 'gated',
  penalty: (own) => own,
  encoderBias: 'gateBias',
  perFeature: ({ dSae }) => ({
    magnitudeBias: sharedFloat32(dSae),
    magnitudeLogScale: sharedFloat32(dSae),
  }),
  activation: ({ magnitudeBias, magnitudeLogScale }) => ({
    kind: 'gated',
    magnitudeBias,
    magnitudeLogScale,
  }),
});
