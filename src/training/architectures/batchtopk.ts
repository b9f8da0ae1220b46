// BatchTopK: a batch of B rows keeps the k·B activations that rank highest (Bussmann et al. 2412.06410).
//
// Rows are encoded one by one once it is trained, so a threshold runs along: the mean of the lowest activation that batches kept.
import { activePerRow, k } from './active-per-row.js';
import { startWithThreshold, thresholdSae, topKArchitecture } from './top-k-trainer.js';

export const batchtopk = topKArchitecture({
  name: 'batchtopk',
  version: 1,
  settings: { k },
  selection: 'batch',
  keeps: (own) => own,
  ...activePerRow,
  start: startWithThreshold,
  toSae: thresholdSae,
});
