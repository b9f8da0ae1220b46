// ReLU with an L1 penalty on its activations (Bricken et al. 2023).
import type { Architecture } from '../architecture.js';
import { startState, weightsOf } from '../state.js';
import { denseRules, denseTrainer } from './dense-trainer.js';
import { startWeights } from './start-weights.js';

export const relu: Architecture = {
  name: 'relu',
  version: 1,
  start: (plan, initSeed, d, x) => startState(startWeights(plan, initSeed, d, x)),
  trainer: (x, plan, kernel) => denseTrainer(x, plan, kernel, 'relu'),
  toSae: (state, plan) => ({
    architecture: 'relu',
    activation: { kind: 'relu' },
    subtractDecoderBias: denseRules(plan, state.adam.width).hyper.subtractDecoderBias,
    ...weightsOf(state),
  }),
};
