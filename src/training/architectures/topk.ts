// TopK: each row keeps the k features that rank highest (Gao et al. 2406.04093).
import { kOf } from '../../sae/sae.js';
import { startState } from '../state.js';
import { activePerRow, k } from './active-per-row.js';
import { rankedWeights, topKArchitecture } from './top-k-trainer.js';

export const topk = topKArchitecture({
  name: 'topk',
  version: 1,
  settings: { k },
  selection: 'row',
  keeps: (own) => own,
  ...activePerRow,
  ownOf(sae) {
    const own = kOf(sae);
    return sae.architecture === 'topk' && own !== undefined ? { k: own } : undefined;
  },
  start: (_, __, weights) => startState(weights),
  toSae: ({ k: active }, rules, state) => ({
    architecture: 'topk',
    activation: { kind: 'topk', k: active, relu: rules.hyper.relu },
    subtractDecoderBias: rules.hyper.subtractDecoderBias,
    ...rankedWeights(state, rules),
  }),
});
