// The public API, name by name. Nothing here reads or writes files unless its name says so.

export { type ActivationRows, openActivations, rowsOf } from './activations/activation-rows.js';
export { loadActivations } from './activations/file.js';
export { readTokens, type Tokens } from './activations/tokens.js';
export { type ComparedSae, type CompareOptions, type Comparison, compare } from './compare/compare.js';
export {
  type Consensus,
  type ConsensusOptions,
  consensus,
} from './compare/consensus/consensus.js';
export { consensusFiles } from './compare/consensus/files.js';
export { consensusResult } from './compare/consensus/result.js';
export { inspect } from './compare/inspect.js';
export type { InspectOptions } from './compare/inspect-options.js';
export type { Cause } from './diagnosis/cause.js';
export { type FindingId, findingIds } from './diagnosis/checks/registry.js';
export type { Finding } from './diagnosis/finding.js';
export { type ErrorCode, errorCodes, ReseedError } from './errors.js';
export type { Families, Family, FamilyMember } from './features/families/families.js';
export { type FeatureStability, featureStability } from './features/feature-stability.js';
export type { Keep, Key } from './keep.js';
export type { Kernel } from './kernel/interface.js';
export { type KernelChoice, selectKernel } from './kernel/select.js';
export { nullOf } from './metrics/chance/chance-level.js';
export { type MetricId, metricIds } from './metrics/registry.js';
export { renderConsensus } from './report/consensus/consensus-text.js';
export { encodeFamilies, familyColumns } from './report/consensus/families-table.js';
export { encodeExamples, exampleColumns, type SaeExamples } from './report/example-table.js';
export {
  encodeFeatures,
  type FeatureColumn,
  featureColumns,
  type GroupFeatures,
} from './report/feature-table.js';
export { type Inspection, serializeInspection } from './report/inspection.js';
export { renderInspection } from './report/inspection-text.js';
export { renderMarkdown } from './report/markdown.js';
export { renderReport } from './report/render.js';
export { serializeResults } from './report/serialize-results.js';
export { renderTerminal, type TerminalOptions } from './report/terminal.js';
export { describeCause, describeFinding, describeGroup } from './report/wording.js';
export { type ConsensusResult, serializeConsensus } from './results/consensus-result.js';
export { parseResults, readResults } from './results/read-results.js';
export type { Results } from './results/results.js';
export { resultsJsonSchema } from './results/results-file.js';
export { saesAt } from './sae/checkpoint.js';
export { decode, encode } from './sae/encode.js';
export type { Member } from './sae/member.js';
export { openSae } from './sae/open-sae.js';
export type { OpenedSae } from './sae/read-sae.js';
export type { Activation, InputNorm, Sae, SaeWeights, Standardisation } from './sae/sae.js';
export type { Assumption, SaeOrigin, SaeRecord } from './sae/source.js';
export { encodeSaelens } from './sae/sources/saelens-write.js';
export type { StatedSettings } from './sae/stated-settings.js';
export { loadStudy, type Study } from './study/config.js';
export { type RunOptions, runStudy } from './study/run.js';
export { fromRows, type Matrix, matrix, zeros } from './tensor/matrix.js';
export { Rng } from './tensor/rng.js';
export type { SparseCodes } from './tensor/sparse-codes.js';
export { version } from './version.js';
