// What is measured about a group of SAEs: everything that the diagnosis looks at.
export type { ExamineOptions } from './context.js';
export * from './copies-and-starts.js';
export * from './evidence.js';
export { examine } from './examine.js';
export * from './ground-truth.js';
export * from './init-cosine.js';
export * from './liveness-split.js';
export * from './other-index.js';
export type { Group } from './prepare.js';
export * from './start-shape.js';
export * from './trajectory.js';
export * from './truth.js';
