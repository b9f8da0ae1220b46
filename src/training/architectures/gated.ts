// Gated: a gate says which features are active, a magnitude how much (Rajamanoharan et al. 2404.16014). Both start alike.
import { sharedFloat32 } from '../../tensor/matrix.js';
import type { Architecture } from '../architecture.js';
import { startState, weightsOf } from '../state.js';
import { denseRules, denseTrainer } from './dense-trainer.js';
import { startWeights } from './start-weights.js';

export const gated: Architecture = {
  name: 'gated',
  version: 1,
  start(plan, initSeed, d, x) {
    const zeros = () => sharedFloat32(plan.sae.dSae);
    return startState(startWeights(plan, initSeed, d, x), {
      encoderBias: 'gateBias',
      perFeature: { magnitudeBias: zeros(), magnitudeLogScale: zeros() },
    });
  },
  trainer: (x, plan, kernel) => denseTrainer(x, plan, kernel, 'gated'),
  toSae: (state, plan) => ({
    architecture: 'gated',
    activation: {
      kind: 'gated',
      magnitudeBias: state.adam.weights['magnitudeBias'],
      magnitudeLogScale: state.adam.weights['magnitudeLogScale'],
    },
    subtractDecoderBias: denseRules(plan, state.adam.width).hyper.subtractDecoderBias,
    ...weightsOf(state, 'gateBias'),
  }),
};
