// JumpReLU: each feature has a threshold of its own, learnt straight through (Rajamanoharan et al. 2407.14435).
import { sharedFloat32 } from '../../tensor/matrix.js';
import type { Architecture } from '../architecture.js';
import { startState, weightsOf } from '../state.js';
import { denseRules, denseTrainer } from './dense-trainer.js';
import { startWeights } from './start-weights.js';

export const jumprelu: Architecture = {
  name: 'jumprelu',
  version: 1,
  start(plan, initSeed, d, x) {
    const threshold = sharedFloat32(plan.sae.dSae).fill(denseRules(plan, d).threshold);
    return startState(startWeights(plan, initSeed, d, x), { perFeature: { threshold } });
  },
  trainer: (x, plan, kernel) => denseTrainer(x, plan, kernel, 'jumprelu'),
  toSae: (state, plan) => ({
    architecture: 'jumprelu',
    activation: { kind: 'jumprelu', threshold: state.adam.weights['threshold'] },
    subtractDecoderBias: denseRules(plan, state.adam.width).hyper.subtractDecoderBias,
    ...weightsOf(state),
  }),
};
