// The weights of a plain state dict, once it is known how they are to be read.
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { float32Values } from '../../formats/tensor.js';
import { type Matrix, sharedFloat32 } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { gatedActivation } from '../gated-activation.js';
import { batchTopKWithoutThreshold, sameThreshold } from '../not-encoded.js';
import type { FeatureAxis, Orientation } from '../orientation.js';
import { requireBlocks, requireK } from '../require-k.js';
import type { Activation } from '../sae.js';
import { shiftInput } from '../shift-input.js';
import type { ReadSae } from '../source.js';
import { WeightReader } from '../weight-reader.js';
import type { KnownArchitecture, StateFields } from './state-dict-fields.js';
import type { StateNames } from './state-dict-names.js';

/** A state dict that has been found. */
export interface PlainState {
  readonly checkpoint: Checkpoint;
  /** Before the names of all its tensors. */
  readonly prefix: string;
  readonly names: StateNames;
  readonly fields: StateFields;
  readonly has: (name: string) => boolean;
}

/** `unknown` where nothing says it and nothing is encoded. */
export type ReadArchitecture = KnownArchitecture | 'unknown';

interface Taken<T> {
  readonly taken: T;
  readonly because: string;
}

/** One way to read it. */
export interface Reading {
  readonly architecture: Taken<ReadArchitecture>;
  readonly orientation: Taken<Orientation>;
  /** Whether the decoder bias is subtracted from the input. */
  readonly subtract: Taken<boolean>;
}

const layout = 'a plain state dict';
/** As sparsify, SAELens and circuit-tracer keep it, [d′ × d]. */
const skipName = 'W_skip';

function reader({ checkpoint, prefix }: PlainState): WeightReader {
  return new WeightReader(checkpoint.tensors, layout, prefix);
}

/** As stated, or as it stands beside the weights, or by its biases. */
export function isTranscoder({ checkpoint, fields, names }: PlainState): boolean {
  return checkpoint.stated?.transcoder ?? fields.transcoder ?? names.inputBias !== undefined;
}

/** @throws input.format, input.shape where it has another rank */
export function shapeOf(state: PlainState, name: string, rank: number): readonly number[] {
  return reader(state).shape(name, rank);
}

/** Whether a tensor that is there holds one number. */
export function isSingle({ checkpoint, prefix }: PlainState, name: string): boolean {
  return checkpoint.tensors.tensors.get(prefix + name)?.shape.every((length) => length === 1) === true;
}

export async function vectorOf(state: PlainState, name: string): Promise<Float32Array> {
  return reader(state).vector(name, shapeOf(state, name, 1)[0], name);
}

/** As it is stored. */
export async function storedMatrix({ checkpoint, prefix }: PlainState, name: string): Promise<Matrix> {
  const tensor = await checkpoint.tensors.read(prefix + name);
  const [rows, cols] = tensor.shape;
  return { rows, cols, data: float32Values(tensor, checkpoint.tensors.file, `tensor ${prefix}${name}`) };
}

/** @throws input.format, input.shape for tensors that are missing, of another shape, or over */
export async function readAs(state: PlainState, reading: Reading): Promise<ReadSae> {
  const { names, fields } = state;
  const { taken: architecture } = reading.architecture;
  const { taken: orientation } = reading.orientation;
  const { taken: subtract } = reading.subtract;
  const { features, width, out } = orientation;
  const transcoder = isTranscoder(state);
  const weights = reader(state);
  weights.assume('architecture', architecture, reading.architecture.because);
  const matrix = (name: string, axis: FeatureAxis, taken: string, cols = width) =>
    axis === 'rows'
      ? weights.rows(name, features, cols, taken)
      : weights.columns(name, features, cols, taken);
  const vector = async (name: string | undefined, length: number, taken: string) =>
    name === undefined ? sharedFloat32(length) : weights.vector(name, length, taken);
  const encoder = await matrix(names.encoder, orientation.encoder, 'encoder');
  const decoder = await matrix(names.decoder, orientation.decoder, 'decoder', out);
  weights.assume(
    `features in ${names.encoder}, ${names.decoder}`,
    `${orientation.encoder} of the first, ${orientation.decoder} of the second`,
    reading.orientation.because,
  );
  const decoderBias = await vector(names.decoderBias, out, 'decoder bias');
  weights.assume('input', `${subtract ? 'less' : 'not less'} the decoder bias`, reading.subtract.because);
  const activation = await activationOf(state, architecture, features, weights);
  const encoderBias =
    activation.kind === 'gated'
      ? await vector(names.gateBias, features, 'bias of the gate')
      : await vector(names.encoderBias, features, 'encoder bias');
  const inputBias =
    names.inputBias === undefined
      ? undefined
      : await vector(names.inputBias, width, 'taken from the input: folded into the encoder bias');
  const encoding = { activation, encoder, encoderBias };
  const skip = weights.has(skipName)
    ? await weights.rows(skipName, out, width, 'skip connection, as x·W_skipᵀ', 'coordinate that it writes')
    : undefined;
  weights.leave(['feature_counts', 'num_tokens_since_fired'], 'how often features fired in training');
  weights.requireAllTaken();
  const { seed, layer, hookName } = fields;
  return {
    sae: {
      architecture,
      ...(inputBias ? shiftInput(encoding, inputBias) : encoding),
      decoder,
      decoderBias,
      subtractDecoderBias: subtract,
      ...(transcoder ? { transcoder: true as const } : {}),
      ...(skip ? { skip } : {}),
    },
    assumptions: weights.assumptions,
    ...defined({ hookName }),
    origin: defined({ initSeed: seed, layer }),
  };
}

const whereK = '--k or k beside the weights';

async function activationOf(
  state: PlainState,
  architecture: ReadArchitecture,
  features: number,
  weights: WeightReader,
): Promise<Activation> {
  switch (architecture) {
    case 'unknown':
      return { kind: 'unknown' };
    case 'relu':
      return { kind: 'relu' };
    case 'topk': {
      weights.leave(['threshold'], 'TopK is stated, which keeps the k largest');
      const { relu = true } = state.fields;
      const because =
        state.fields.relu === undefined
          ? 'as in SAEBench, SAELens and dictionary_learning'
          : 'relu, beside the weights';
      weights.assume('the k largest', `${relu ? '' : 'not '}passed through ReLU`, because);
      const k = await readK(state, weights);
      return { kind: 'topk', k: requireK(k, features, weights.file, whereK), relu };
    }
    case 'abstopk': {
      const k = await readK(state, weights);
      return { kind: 'abstopk', k: requireK(k, features, weights.file, whereK) };
    }
    case 'groupmax': {
      const k = await readK(state, weights);
      return { kind: 'groupmax', k: requireBlocks(k, features, weights.file, whereK) };
    }
    case 'batchtopk': {
      const k = await readK(state, weights);
      const { stated = {} } = state.checkpoint;
      if (!state.has('threshold')) return batchTopKWithoutThreshold(stated, k, features, weights);
      if (isSingle(state, 'threshold')) return singleThreshold(weights, features);
      throw weights.wrongShape('threshold', 'a single number, or --architecture jumprelu');
    }
    case 'jumprelu': {
      weights.leave(['k'], 'a threshold decides');
      if (state.has('threshold') && isSingle(state, 'threshold')) return singleThreshold(weights, features);
      const threshold = await weights.vector('threshold', features, 'threshold of each feature');
      return { kind: 'jumprelu', threshold };
    }
    case 'gated':
      return gatedActivation(weights, features, state.names.magnitudeBias ?? 'b_mag');
  }
}

async function singleThreshold(weights: WeightReader, features: number): Promise<Activation> {
  return sameThreshold(await weights.scalar('threshold', 'threshold of all features'), features);
}

/** Of the tensor, of what stands beside the weights or of both; else as stated. */
async function readK({ has, fields, checkpoint }: PlainState, weights: WeightReader) {
  if (!has('k')) return fields.k ?? checkpoint.stated?.k;
  const stored = await weights.scalar('k', 'features kept of each row');
  if (fields.k === undefined || fields.k === stored) return stored;
  throw new ReseedError('input.format', 'the tensor k says otherwise', {
    file: weights.file,
    field: 'k',
    found: `${fields.k}`,
    expected: `${stored}`,
  });
}
