// What is wrong with a score, if anything, and why: evidence, findings, causes, verdict.
export type { ExamineOptions } from './bench.js';
export { rankCauses } from './cause.js';
export { checks } from './checks/registry.js';
export { scoreWithout } from './counterfactual.js';
export { type Diagnosis, diagnose } from './diagnose.js';
export * from './evidence.js';
export { examine, type Group } from './examine.js';
export * from './finding.js';
export { topCause } from './top-cause.js';
export * from './trajectory.js';
export * from './trajectory-judgement.js';
export * from './truth.js';
export * from './verdict.js';
