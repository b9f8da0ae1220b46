// The public API: re-exports only. Nothing here reads or writes files unless its name says so.
export { type ActivationRows, openActivations, rowsOf } from './activations/activation-rows.js';
export { loadActivations } from './activations/file.js';
export { type ComparedSae, type CompareOptions, type Comparison, compare } from './compare/compare.js';
export { type InspectOptions, inspect } from './compare/inspect.js';
export { type Diagnosis, diagnose } from './diagnosis/diagnose.js';
export * from './diagnosis/finding.js';
export { topCause } from './diagnosis/top-cause.js';
export { type ErrorCode, errorCodes, ReseedError } from './errors.js';
export type { Evidence } from './evidence/evidence.js';
export { examine } from './evidence/examine.js';
export * from './evidence/ground-truth.js';
export * from './evidence/init-cosine.js';
export * from './evidence/kinship.js';
export * from './evidence/liveness-split.js';
export * from './evidence/other-index.js';
export type { Group } from './evidence/prepare.js';
export * from './evidence/start-shape.js';
export * from './features/feature-stability.js';
export type { Keep, Key } from './keep.js';
export type { Kernel } from './kernel/interface.js';
export { type KernelChoice, selectKernel } from './kernel/select.js';
export * from './metrics/index.js';
export * from './metrics/nulls/index.js';
export {
  encodeFeatures,
  type FeatureColumn,
  featureColumns,
  type GroupFeatures,
} from './report/feature-table.js';
export { type Inspection, serializeInspection } from './report/inspection.js';
export { renderInspection } from './report/inspection-text.js';
export { resultsJsonSchema } from './report/json-schema.js';
export { renderMarkdown } from './report/markdown.js';
export { renderReport } from './report/render.js';
export { parseResults, type Results, resultsSchema, serializeResults } from './report/results.js';
export { renderTerminal, type TerminalOptions } from './report/terminal.js';
export { saesAt } from './sae/checkpoint.js';
export { decode, encode } from './sae/encode.js';
export type { Member } from './sae/member.js';
export { type OpenedSae, openSae } from './sae/open-sae.js';
export type { Activation, InputNorm, Sae, SaeWeights } from './sae/sae.js';
export type { Assumption, SaeOrigin, SaeRecord } from './sae/source.js';
export { encodeSaelens } from './sae/sources/saelens-write.js';
export type { Stated } from './sae/stated.js';
export * from './stats/best-cosine.js';
export { loadStudy, type Study } from './study/config.js';
export { type RunOptions, runStudy } from './study/run.js';
export * from './tensor/index.js';
export { version } from './version.js';
