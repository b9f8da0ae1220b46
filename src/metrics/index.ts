// How far the features of a group of SAEs agree: one file per metric.

export * from './metric.js';
export * from './pairs/activation.js';
export * from './pairs/activation-matched.js';
export * from './pairs/decoder.js';
export * from './pairs/directions.js';
export * from './pairs/displacement.js';
export * from './pairs/encoder.js';
export * from './pairs/matched.js';
export * from './pairs/pair-loop.js';
export * from './pairs/shared.js';
export * from './pairs/subspace.js';
