// What is wrong with a score, if anything, and why: evidence, findings, causes, verdict.
export type { ExamineOptions } from '../evidence/context.js';
export * from '../evidence/evidence.js';
export { examine } from '../evidence/examine.js';
export type { Group } from '../evidence/prepare.js';
export * from '../evidence/trajectory.js';
export * from '../evidence/truth.js';
export { type Cause, rankCauses } from './cause.js';
export type { Check } from './check.js';
export { checks, type FindingId, findingIds } from './checks/registry.js';
export { scoreWithout } from './counterfactual.js';
export { type Diagnosis, diagnose } from './diagnose.js';
export * from './finding.js';
export { topCause } from './top-cause.js';
export * from './trajectory-judgement.js';
export * from './verdict.js';
