// The normalisation of the input that stands beside weights and not in them: tensors of means and SDs, and settings.
//
// x₁ = (x − mean)/std, with what is absent 0 or 1, and x̂ = x̂₁·std + mean. A tensor beside the weights that is neither
// this, nor the state of a training, is refused by name: it may be anything.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { float32Values, type TensorEntry } from '../formats/tensor.js';
import { type TensorFile, withoutTensors } from '../formats/tensor-file.js';
import type { Checkpoint } from './checkpoint.js';
import { normsOfSettings } from './known-settings.js';
import { prefixesOf } from './nested-state.js';
import type { InputNorm } from './sae.js';
import type { SaeSource } from './source.js';
import { encoderNames } from './sources/state-dict-names.js';

/** What side tensors are called, in scripts of papers and their forks. */
export const meanNames = ['mean', 'act_mean', 'activation_mean', 'data_mean', 'input_mean', 'x_mean'];
export const sdNames = ['std', 'act_std', 'activation_std', 'data_std', 'input_std', 'x_std'];

/** Tensors beside weights that bear on training alone, by the first part of their names. */
export const trainingState =
  /^(?:optim\w*|opt|\w*scheduler\w*|rng\w*|\w*rng_state\w*|metrics|history|\w*loss(?:es)?|steps?|feature_counts|dead_\w+|num_tokens_since_fired|n_forward_passes_since_fired|steps_since_\w+)$/;

/** Tensors known to change what is computed in a way that nothing here follows, and what they do. */
export const refusedTensors: Readonly<Record<string, string>> = {
  running_mean: 'BatchNorm takes it from pre-activations (overcomplete)',
  running_var: 'BatchNorm divides pre-activations by its root (overcomplete)',
  running_norm: 'it divides the input',
  standard_norm: 'it divides the input',
  input_scale: 'it multiplies the input',
  activation_rescale_factor: 'it divides codes where that is asked for (InterPLM)',
  whitening_matrix: 'it whitens the input',
  log_threshold: 'its exponential is the threshold of JumpReLU (BatchTopK)',
  scaling_factor: 'it multiplies codes or the input (SAELens before 6)',
};

export interface NormBeside {
  /** What it was read from, as `mean F32 [24], std F32 [24]`. */
  readonly of: string;
  readonly because: string;
  /** Of the rows that it is for, where that is known. */
  readonly width?: number;
  /** For rows of this width. @throws input.shape */
  readonly at: (width: number) => InputNorm;
}

/**
 * The norm beside the weights, where there is one; and the checkpoint without the tensors of it.
 * @param source of the weights, with what it reads itself
 * @throws input.format for a tensor or a setting that changes what is computed in another way
 */
export async function normBeside(
  checkpoint: Checkpoint,
  source: Pick<SaeSource, 'settings' | 'beside'>,
): Promise<{ readonly rest: Checkpoint; readonly norm?: NormBeside }> {
  const { tensors } = checkpoint;
  const { means, sds } = sideTensors(tensors, source.beside);
  const ofSettings = normsOfSettings(checkpoint, source.settings);
  const taken = [...means, ...sds];
  if (means.length > 1 || sds.length > 1 || ofSettings.length + Math.min(1, taken.length) > 1) {
    const all = [
      ...taken.map(({ name }) => `tensor ${name}`),
      ...ofSettings.map(({ of }) => `setting ${of}`),
    ];
    throw new ReseedError(
      'input.format',
      'more than one normalisation of the input stands beside the weights',
      {
        file: tensors.file,
        found: all.join(', '),
        expected: 'one, or --ignore NAME for the others',
      },
    );
  }
  const rest = {
    ...checkpoint,
    tensors: withoutTensors(tensors, (name) => taken.some((one) => one.name === name)),
  };
  const [setting] = ofSettings;
  if (setting) return { rest, norm: { of: setting.of, because: setting.from, at: () => setting.norm } };
  if (taken.length === 0) return { rest };
  return {
    rest,
    norm: standardisation(tensors, taken, await valuesOf(tensors, means[0]), await valuesOf(tensors, sds[0])),
  };
}

const encoders = [...encoderNames, 'encoder_linear.weight'];

/** @throws input.format for tensors beside the weights that are not known to be harmless */
function sideTensors(
  tensors: TensorFile,
  read: readonly string[] = [],
): { means: TensorEntry[]; sds: TensorEntry[] } {
  const prefixes = prefixesOf(tensors, encoders);
  const found = { means: [] as TensorEntry[], sds: [] as TensorEntry[] };
  for (const entry of prefixes.length > 0 ? tensors.tensors.values() : []) {
    const { name } = entry;
    const at = Math.max(name.lastIndexOf('/'), name.lastIndexOf('.')) + 1;
    const [folder, base] = [name.slice(0, at), name.slice(at)];
    if (read.some((prefix) => name.startsWith(prefix))) continue;
    const around = prefixes.some((prefix) => prefix.startsWith(folder));
    if (around && meanNames.includes(base)) found.means.push(entry);
    else if (around && sdNames.includes(base)) found.sds.push(entry);
    else if (!prefixes.some((prefix) => name.startsWith(prefix))) requireHarmless(tensors.file, name, base);
  }
  return found;
}

function requireHarmless(file: string, name: string, base: string): void {
  if (trainingState.test(name.split(/[/.]/)[0])) return;
  const does = Object.hasOwn(refusedTensors, base) ? `: ${refusedTensors[base]}` : '';
  throw new ReseedError(
    'input.format',
    `it stands beside the weights and may change what they compute${does}`,
    {
      file,
      field: `tensor ${name}`,
      found: `a tensor that is not of the SAE or its training`,
      expected: `a file without it, or --ignore ${name}, where it changes nothing or activations have it in them already`,
    },
  );
}

interface Side {
  readonly name: string;
  readonly values: Float32Array;
}

async function valuesOf(tensors: TensorFile, entry: TensorEntry | undefined): Promise<Side | undefined> {
  if (!entry) return undefined;
  const { name } = entry;
  return { name, values: float32Values(await tensors.read(name), tensors.file, `tensor ${name}`) };
}

function standardisation(
  { file }: TensorFile,
  entries: readonly TensorEntry[],
  mean: Side | undefined,
  sd: Side | undefined,
): NormBeside {
  const zero = sd?.values.find((value) => !(value > 0));
  if (sd && zero !== undefined) {
    throw new ReseedError('input.format', 'it holds values that nothing can be divided by', {
      file,
      field: `tensor ${sd.name}`,
      found: `${zero}`,
      expected: `values above 0, or activations that have been divided and --ignore ${sd.name}`,
    });
  }
  const at = (side: Side | undefined, width: number, absent: number) => {
    if (!side) return new Float32Array(width).fill(absent);
    const { name, values } = side;
    if (values.length === 1) return new Float32Array(width).fill(values[0]);
    // Only the outline of the file is read.
    if (values.length === width || values.length === 0) return values;
    throw new ReseedError('input.shape', 'it is of another width than what the SAE reads', {
      file,
      field: `tensor ${name}`,
      found: `${values.length} values`,
      expected: `${width}, or --ignore ${name}`,
    });
  };
  const width = [mean, sd].find((side) => side && side.values.length > 1)?.values.length;
  return {
    of: entries.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(' × ')}]`).join(', '),
    because: entries.length > 1 ? 'their names' : 'its name',
    ...defined({ width }),
    at: (width) => ({ mean: at(mean, width, 0), sd: at(sd, width, 1) }),
  };
}
