// What each metric gives when there is nothing to find, and the controls that check the measuring itself.

export * from '../chance-level.js';
export * from '../controls/controls.js';
export * from '../measured.js';
export * from './covariance-matched.js';
export * from './crowd.js';
export * from './crowd-scores.js';
export * from './draws.js';
export * from './matched-directions.js';
export * from './null.js';
export * from './own-init.js';
export { randomDirectionsNull } from './random-directions.js';
export * from './random-subspaces.js';
export * from './row-permutation.js';
export * from './shared-directions.js';
export * from './untrained.js';
