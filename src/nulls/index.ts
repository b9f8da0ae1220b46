// What each metric gives when there is nothing to find, and the controls that check the measuring itself.
export * from './controls.js';
export * from './draws.js';
export * from './measured.js';
export * from './null.js';
export * from './own-init.js';
export * from './random-directions.js';
export * from './row-permutation.js';
