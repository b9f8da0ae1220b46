// How far the features of a group of SAEs agree: every metric, what measures it, and the values that they return.
export { decoderMax } from './decoder-max.js';
export { displacementMax } from './displacement-max.js';
export { encoderMax } from './encoder-max.js';
export type { Metric } from './metric.js';
export * from './pairs/activation.js';
export * from './pairs/activation-matched.js';
export * from './pairs/directions.js';
export * from './pairs/matched.js';
export * from './pairs/pair-loop.js';
export * from './pairs/pair-scores.js';
export * from './pairs/shared.js';
export * from './pairs/subspace.js';
export * from './registry.js';
