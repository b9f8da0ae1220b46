// The public API: re-exports only. Nothing here reads or writes files unless its name says so.
export { type Diagnosis, diagnose } from './diagnosis/diagnose.js';
export type { Evidence, Memo } from './diagnosis/evidence.js';
export { examine, type Group } from './diagnosis/examine.js';
export * from './diagnosis/finding.js';
export { type ErrorCode, errorCodes, ReseedError } from './errors.js';
export type { Kernel } from './kernel/interface.js';
export { type KernelChoice, selectKernel } from './kernel/select.js';
export * from './nulls/index.js';
export { resultsJsonSchema } from './report/json-schema.js';
export { renderReport } from './report/render.js';
export { parseResults, type Results, resultsSchema, serializeResults } from './report/results.js';
export { decode, encode, type Sae, type SaeWeights } from './sae/sae.js';
export { readSaelens } from './sae/saelens.js';
export * from './similarity/index.js';
export { loadStudy, type Study } from './study/config.js';
export { type RunOptions, runStudy } from './study/run.js';
export * from './tensor/index.js';
export { version } from './version.js';
