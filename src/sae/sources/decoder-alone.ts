// A decoder without anything else: one matrix in a file of its own, as of np.save(decoder). Its directions can be compared,
// and nothing more is asked of it; with activations it is no SAE.
//
// A tensor called W_dec has one row a feature, decoder.weight one column (a layer of torch). Of others, the axis along which
// lengths are even is that of features, where only one is; else the longer one.
import { ReseedError } from '../../errors.js';
import { floatDtypes, type TensorEntry } from '../../formats/tensor.js';
import { sharedFloat32, transpose, zeros } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { evenAxis, type FeatureAxis } from '../orientation.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const decoderAlone: SaeSource = {
  id: 'decoder',
  title: 'a decoder alone',
  settings: [],
  recognises: (checkpoint) => checkpoint.stated?.weightsOnly === true && matrixOf(checkpoint) !== undefined,
  read,
};

/** Other matrices may be anything, activations first of all; what a .npy file holds only whoever gives it can know. */
const names = ['W_dec', 'w_dec', 'decoder', 'decoder.weight', 'dec.weight'];

function matrixOf({ tensors: { format, tensors } }: Checkpoint): TensorEntry | undefined {
  const [only] = tensors.values();
  const isNamed = format === 'npy' || names.includes(only?.name ?? '');
  const isMatrix = only?.shape.length === 2 && !only.shape.includes(0) && floatDtypes.includes(only.dtype);
  return tensors.size === 1 && isNamed && isMatrix ? only : undefined;
}

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const { tensors } = checkpoint;
  const { name, shape } = matrixOf(checkpoint) as TensorEntry;
  const weights = new WeightReader(tensors, decoderAlone.title);
  const [rows, cols] = shape;
  const stored = await weights.rows(name, rows, cols, 'decoder', 'row of the file');
  const { axis, because } = namedAxis(name) ?? axisOf(evenAxis(stored), shape, tensors.file, name);
  weights.assume(name, `one ${axis === 'rows' ? 'row' : 'column'} a feature`, because);
  const [features, d] = axis === 'rows' ? [rows, cols] : [cols, rows];
  return {
    sae: {
      architecture: 'unknown',
      activation: { kind: 'unknown' },
      // Rows without a direction are left out of every score.
      encoder: zeros(features, d),
      encoderBias: sharedFloat32(features),
      decoder: axis === 'rows' ? stored : transpose(stored),
      decoderBias: sharedFloat32(d),
      subtractDecoderBias: false,
    },
    assumptions: weights.assumptions,
  };
}

interface Told {
  readonly axis: FeatureAxis;
  readonly because: string;
}

function namedAxis(name: string): Told | undefined {
  const because = 'its name';
  if (name === 'W_dec') return { axis: 'rows', because };
  return name.endsWith('.weight') ? { axis: 'columns', because } : undefined;
}

/** @throws input.format where neither lengths nor shape tell it */
function axisOf(
  even: FeatureAxis | undefined,
  [rows, cols]: readonly number[],
  file: string,
  name: string,
): Told {
  if (even) return { axis: even, because: 'they are of one length, and those along the other axis are not' };
  if (rows !== cols)
    return { axis: rows > cols ? 'rows' : 'columns', because: 'there are more features than dimensions' };
  throw new ReseedError('input.format', 'it is not clear which axis counts features', {
    file,
    field: `tensor ${name}`,
    found: `[${rows} × ${cols}], of no even lengths`,
    expected:
      'an .npz or .safetensors file whose tensor is called W_dec (one row a feature) or decoder.weight (one column)',
  });
}
