// Argument checks of the dense operations, shared by every kernel.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { firstNonFinite, requireBatches, requireClipNorm, requireSchedule } from './arguments.js';
import {
  type DenseArchitecture,
  type DenseArrays,
  type DenseHyper,
  type DenseLoss,
  type DenseTask,
  namedArrays,
  perFeatureNames,
} from './dense.js';

/** Arrays have the architecture's shapes and finite values. @throws input.shape, input.non-finite */
export function requireDenseWeights(
  weights: DenseArrays<Float32Array>,
  width: number,
  architecture: DenseArchitecture,
): void {
  const names = perFeatureNames[architecture];
  if (weights.perFeature.length !== names.length) {
    throw new ReseedError('input.shape', `wrong number of parameters for ${architecture}`, {
      field: 'perFeature',
      found: String(weights.perFeature.length),
      expected: names.join(', '),
    });
  }
  const features = weights.perFeature[0].length;
  for (const [field, data] of namedArrays(architecture, weights)) {
    const isTable = field === 'encoder' || field === 'decoder';
    const length = isTable ? features * width : field === 'decoderBias' ? width : features;
    if (data.length !== length) {
      throw new ReseedError('input.shape', 'weights do not fit the input', {
        field,
        found: `${data.length} values`,
        expected: `${length} (${features} features, width ${width})`,
      });
    }
    const at = firstNonFinite(data);
    if (at >= 0) {
      throw new ReseedError('input.non-finite', 'a weight is not finite', {
        field: `${field}[${at}]`,
        found: String(data[at]),
      });
    }
  }
}

/** The rule has what it needs. @throws input.shape */
export function requireDenseRule({
  architecture,
  bandwidth,
  targetL0,
  clipNorm,
}: Pick<DenseLoss, 'architecture' | 'bandwidth' | 'targetL0'> & Pick<DenseHyper, 'clipNorm'>): void {
  requireClipNorm(clipNorm);
  const positive = { bandwidth, ...defined({ targetL0 }) };
  for (const [field, value] of Object.entries(positive)) {
    if (architecture !== 'jumprelu' || (Number.isFinite(value) && value > 0)) continue;
    throw new ReseedError('input.shape', 'not a positive number', { field, found: String(value) });
  }
}

/** A task fits X, and its schedules have one finite entry a step. @throws input.shape, input.non-finite */
export function requireDenseTask(task: DenseTask, x: Matrix, architecture: DenseArchitecture): void {
  const { state, batches, learningRates, sparsities } = task;
  requireDenseWeights(state.weights, x.cols, architecture);
  requireBatches(task, x.rows);
  for (const [field, schedule] of Object.entries({ learningRates, sparsities })) {
    requireSchedule(field, schedule, batches.length);
  }
}
