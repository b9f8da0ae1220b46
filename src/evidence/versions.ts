// Versions of all that is measured: raised when a number changes. What is kept of a group is keyed by them.
import { kernelVersions } from '../kernel/versions.js';
import { nullModels } from '../metrics/nulls/registry.js';
import { metrics } from '../metrics/registry.js';

export const measuringVersions = {
  /** What is measured besides metrics and nulls: members, activations, dependence, counterfactuals, trajectories, truth. */
  evidence: 5,
  /** Feature by feature. */
  features: 1,
  kernel: kernelVersions,
  metrics: Object.fromEntries(metrics.map(({ id, version }) => [id, version])),
  nulls: Object.fromEntries(nullModels.map(({ kind, version }) => [kind, version])),
} as const;
