// What each metric gives when there is nothing to find, and the controls that check the measuring itself.

export { randomDirectionsNull } from '../chance/best-match.js';
export * from '../chance/chance-level.js';
export { matchedDirectionsNulls } from '../chance/one-to-one.js';
export { sharedDirectionsNulls } from '../chance/shared.js';
export * from '../controls/controls.js';
export * from '../draws/draws.js';
export * from '../measured.js';
export { covarianceMatchedNull } from './covariance-matched.js';
export * from './null.js';
export { ownInitNull } from './own-init.js';
export { randomSubspacesNull } from './random-subspaces.js';
export * from './registry.js';
export { rowPermutationNull } from './row-permutation.js';
export { untrainedNull } from './untrained.js';
