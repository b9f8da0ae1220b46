// SAEs of overcomplete: state dicts, and modules that were pickled whole.
//
// encoder.final_block.0.{weight [F, d], bias}; dictionary._weights [F, d] and multiplier m. z = max(W·x + b, 0), of which TopKSAE
// keeps the k largest, JumpSAE those of at least exp(thresholds) and BatchTopKSAE, of single rows, of at least its running_threshold,
// which is in a module that was pickled whole; x̂ = Σ z_i·eᵐ·D_i, without a bias. D are the _weights with rows
// brought to length 1, if nothing else was asked for when the dictionary was made; that is done whenever eval() is called. Archetypal
// dictionaries (RA-SAE) have W [F, n] with rows that add up to 1, C [n, d] and Relax [F, d]: D = W·C + Relax. A module that was
// pickled after eval() has the dictionary as it is used, _fused_dictionary. Rows of a state dict that are near no length 1 are those
// of an SAE that was never used, whose start is Xavier-uniform, or of a dictionary with another normalisation, which is not in it.
// Source: overcomplete 0.3.0, sae/{base,topk_sae,jump_sae,dictionary,archetypal_dictionary,modules,factory}.py.
import { ReseedError } from '../../errors.js';
import type { PlainMap, TensorFile } from '../../formats/tensor-file.js';
import { type Matrix, rowNorms, sharedFloat32, zeros } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { scaleRows } from '../fold-norms.js';
import { mapOf } from '../nested-state.js';
import { batchTopKWithoutThreshold, notEncoded, sameThreshold } from '../not-encoded.js';
import { requireK } from '../require-k.js';
import type { Activation, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import type { StatedSettings } from '../stated-settings.js';
import { WeightReader } from '../weight-reader.js';

export const overcomplete: SaeSource = {
  id: 'overcomplete',
  title: 'overcomplete',
  settings: [],
  recognises: ({ tensors }) => {
    const names = [...tensors.tensors.keys()].map(stateName);
    return (
      names.includes('encoder.final_block.0.weight') && names.some((name) => name.startsWith('dictionary.'))
    );
  },
  read,
};

/** A whole module keeps a tensor below `_modules`, `_parameters` and `_buffers`, which its state dict leaves out. */
function stateName(name: string): string {
  return name.replace(/_(?:modules|parameters|buffers)\//g, '').replaceAll('/', '.');
}

/** The file under the names of a state dict. */
function stateOf(file: TensorFile): TensorFile {
  const full = new Map([...file.tensors.keys()].map((name) => [stateName(name), name]));
  const entries = [...full].map(([name, from]) => [name, { ...file.tensors.get(from)!, name }] as const);
  return {
    ...file,
    tensors: new Map(entries),
    read: (name, rows, storage) => file.read(full.get(name) ?? name, rows, storage),
  };
}

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const weights = new WeightReader(stateOf(checkpoint.tensors), overcomplete.title);
  const module = mapOf(checkpoint.tensors.values);
  const { stated = {}, tensors } = checkpoint;
  const encoder = await encoderOf(weights, tensors, stated);
  const [features, d] = encoder ? [encoder.encoder.rows, encoder.encoder.cols] : widthsOf(weights);
  const activation: Activation = encoder
    ? await activationOf(checkpoint, module, weights, features)
    : { kind: 'unknown' };
  const sae = {
    architecture: activation.kind,
    activation,
    // Rows without a direction are left out of every score.
    ...(encoder ?? { encoder: zeros(features, d), encoderBias: sharedFloat32(features) }),
    decoder: await dictionaryOf(module, weights, features, d),
    decoderBias: sharedFloat32(d),
    subtractDecoderBias: false,
  };
  weights.leave(['bandwidth'], 'a matter of training');
  if (activation.kind === 'unknown') {
    weights.leave(
      ['thresholds', 'running_threshold', 'Q'],
      'a matter of codes; directions are compared alone',
    );
  }
  weights.requireAllTaken();
  return { sae, assumptions: weights.assumptions };
}

/** Undefined where it is more than one linear layer, and directions are compared alone. */
async function encoderOf(
  weights: WeightReader,
  { tensors }: TensorFile,
  { weightsOnly }: StatedSettings,
): Promise<Pick<Sae, 'encoder' | 'encoderBias'> | undefined> {
  const names = [...tensors.keys()].map(stateName).filter((name) => name.startsWith('encoder.'));
  const other = names.find((name) => !name.startsWith('encoder.final_block.0.'));
  if (other === undefined) {
    const [features, d] = weights.shape('encoder.final_block.0.weight', 2);
    return {
      encoder: await weights.rows('encoder.final_block.0.weight', features, d, 'encoder'),
      encoderBias: await weights.vector('encoder.final_block.0.bias', features, 'encoder bias'),
    };
  }
  if (!weightsOnly) {
    const problem = 'its encoder is more than one linear layer';
    throw notEncoded(weights.file, `tensor ${other}`, names.join(', '), problem);
  }
  weights.leave(names, 'an encoder of several layers has no directions; those of decoders are compared');
  return undefined;
}

async function activationOf(
  { stated = {} }: Checkpoint,
  module: PlainMap,
  weights: WeightReader,
  features: number,
): Promise<Activation> {
  const { __class__: name, top_k: kept } = module;
  const kind = typeof name === 'string' ? /\.(\w+)$/.exec(name)?.[1] : undefined;
  const refuse = (found: string, advice: string) =>
    notEncoded(weights.file, 'architecture', found, 'how it makes codes is not in the file', advice);
  if (weights.has('thresholds')) {
    const logs = await weights.vector('thresholds', features, 'log of the threshold of each feature');
    // A code at its threshold stays, and none of ours does: the next smaller float32 lets it through.
    return { kind: 'jumprelu', threshold: logs.map((value) => justBelow(Math.fround(Math.exp(value)))) };
  }
  if (kind === 'TopKSAE' || kind === 'RATopKSAE') {
    const k = typeof kept === 'number' ? kept : undefined;
    return { kind: 'topk', k: requireK(k, features, weights.file, 'top_k'), relu: true };
  }
  if (kind === 'SAE') return { kind: 'relu' };
  if (kind === 'BatchTopKSAE') {
    if (!weights.has('running_threshold'))
      return batchTopKWithoutThreshold(stated, undefined, features, weights);
    const running = await weights.scalar('running_threshold', 'threshold of all features');
    return sameThreshold(justBelow(running), features);
  }
  if (kind !== undefined && !stated.weightsOnly) throw refuse(kind, '');
  if (stated.architecture === 'relu') return { kind: 'relu' };
  if (stated.architecture === 'topk') {
    return { kind: 'topk', k: requireK(stated.k, features, weights.file, '--k'), relu: true };
  }
  if (stated.weightsOnly) return { kind: 'unknown' };
  if (stated.architecture === 'batchtopk')
    return batchTopKWithoutThreshold(stated, stated.k, features, weights);
  throw refuse(
    'the state dict of SAE, TopKSAE or BatchTopKSAE, which are alike',
    '--architecture relu, or --architecture topk with --k; or ',
  );
}

function justBelow(value: number): number {
  const bits = new Int32Array(Float32Array.of(value).buffer);
  bits[0] -= 1;
  return value > 0 ? new Float32Array(bits.buffer)[0] : value;
}

/** Of the dictionary, where the encoder does not tell. */
function widthsOf(weights: WeightReader): readonly [number, number] {
  const name = ['_fused_dictionary', '_weights', 'Relax']
    .map((one) => `dictionary.${one}`)
    .find((one) => weights.has(one));
  const [features, d] = weights.shape(name ?? 'dictionary._weights', 2);
  return [features, d];
}

/** How far rows may be from what training brings them to at every step. */
const near = 0.1;

async function dictionaryOf(
  module: PlainMap,
  weights: WeightReader,
  features: number,
  d: number,
): Promise<Matrix> {
  const fused = 'dictionary._fused_dictionary';
  const logScale = weights.has('dictionary.multiplier')
    ? await weights.scalar('dictionary.multiplier', 'log of a factor of the dictionary')
    : 0;
  const factor = Math.exp(logScale);
  if (weights.has(fused)) {
    const parts = ['_weights', 'W', 'C', 'Relax'].map((name) => `dictionary.${name}`);
    weights.leave(parts, `${fused} is made of it`);
    return weights.rows(fused, features, d, 'decoder');
  }
  const { normalization, delta } = mapOf(mapOf(module['_modules'])['dictionary']);
  if (weights.has('dictionary.W')) {
    const archetypes = await archetypesOf(weights, features, d, typeof delta === 'number' ? delta : 1);
    return scaleRows(archetypes, () => factor);
  }
  const stored = await weights.rows('dictionary._weights', features, d, 'decoder');
  const name = typeof normalization === 'string' ? normalization : 'normalize_l2';
  const lengths = rowNorms(stored);
  const usual = lengths.every((length) => !(Math.abs(length - 1) > near)) || isStart(stored);
  if (name.endsWith('normalize_identity')) return scaleRows(stored, () => factor);
  if (!name.endsWith('normalize_l2') || (normalization === undefined && stored.data.length > 0 && !usual)) {
    throw new ReseedError('input.format', 'how its dictionary is normalised is not in the file', {
      file: weights.file,
      field: 'dictionary._weights',
      found: normalization === undefined ? 'rows of other lengths than 1' : name,
      expected: 'a whole module saved after eval(), which holds the dictionary as it is used',
    });
  }
  if (normalization === undefined)
    weights.assume('normalization', 'rows of length 1', 'default of overcomplete');
  return scaleRows(stored, (i) => factor / (lengths[i] + 1e-8));
}

/** Whether nothing has moved it from where it is drawn, uniformly within ±√(6/(F + d)), before any row is brought to a length. */
function isStart({ rows, cols, data }: Matrix): boolean {
  const bound = Math.fround(Math.sqrt(6 / (rows + cols)));
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest <= bound * (1 + 1e-6) && largest > 0.95 * bound;
}

/** D = W·C + Relax. @param delta the longest that a row of Relax may be */
async function archetypesOf(
  weights: WeightReader,
  features: number,
  d: number,
  delta: number,
): Promise<Matrix> {
  const [, points] = weights.shape('dictionary.W', 2);
  const shares = await weights.rows('dictionary.W', features, points, 'shares of the archetypes');
  const archetypes = await weights.rows('dictionary.C', points, d, 'archetypes', 'archetype');
  const relax = await weights.rows('dictionary.Relax', features, d, 'what is added to them');
  if (relax.data.length === 0) return relax;
  const longest = rowNorms(relax).reduce((a, b) => Math.max(a, b), 0);
  if (longest > delta * (1 + 1e-5)) {
    throw new ReseedError(
      'input.format',
      'it goes farther from its archetypes than its delta, which is not in the file',
      {
        file: weights.file,
        field: 'dictionary.Relax',
        found: `a row of length ${longest}`,
        expected: `at most ${delta}, or a whole module saved after eval()`,
      },
    );
  }
  const out = sharedFloat32(features * d);
  for (let i = 0; i < features; i++) {
    const row = shares.data.subarray(i * points, (i + 1) * points);
    const sum = row.reduce((total, share) => total + Math.max(0, share), 1e-8);
    for (let j = 0; j < d; j++) {
      let value = relax.data[i * d + j];
      for (let p = 0; p < points; p++) value += (Math.max(0, row[p]) / sum) * archetypes.data[p * d + j];
      out[i * d + j] = value;
    }
  }
  return { rows: features, cols: d, data: out };
}
