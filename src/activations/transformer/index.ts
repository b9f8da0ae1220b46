// The small transformer that adds modulo a prime: its weights, its forward pass and its training.
export * from './capture.js';
export * from './config.js';
export * from './init.js';
export * from './shipped.js';
export * from './split.js';
export * from './train.js';
export * from './weights.js';
