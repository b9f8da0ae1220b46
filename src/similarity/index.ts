// How far the features of a group of SAEs agree: one file per metric.
export * from './activation.js';
export * from './activation-matched.js';
export * from './decoder.js';
export * from './directions.js';
export * from './displacement.js';
export * from './encoder.js';
export * from './ground-truth.js';
export * from './init-cosine.js';
export * from './kinship.js';
export * from './liveness-split.js';
export * from './matched.js';
export * from './metric.js';
export * from './other-index.js';
export * from './pair-loop.js';
export * from './shared.js';
export * from './start-shape.js';
export * from './subspace.js';
