// Several SAEs in one file of tensors, each as a file of its own: below names of their own, as `models/42/W_enc`, or
// stacked along a first axis, as W_enc [n × d × F] of n toy models that were trained at once.
import { ReseedError } from '../errors.js';
import { type Tensor, type TensorData, valueCount } from '../formats/tensor.js';
import { listNames, type TensorFile, withoutTensors } from '../formats/tensor-file.js';
import { prefixesOf } from './nested-state.js';
import { decoderNames, encoderBiases, encoderNames } from './sources/state-dict-names.js';

/** One SAE of a file. */
export interface SaePart {
  /** What stands before the names of its tensors, without the mark at its end, or its number in the stack; '' of the only one. */
  readonly name: string;
  /** The file without the tensors of other parts; a stacked tensor has its own slice in it. */
  readonly tensors: TensorFile;
}

/** e2e_sae has its encoder in a sequence of layers. */
const encoders = [...encoderNames, 'encoder.0.weight'];

/** SAEs in one file that are told apart; more are a mistake. */
const mostParts = 10_000;

/**
 * The SAEs of a file, in its order; none where no encoder stands beside a decoder.
 * @throws input.format for more than 10,000
 */
export function partsOf(file: TensorFile): SaePart[] {
  const layers = layersOf(file);
  if (layers.length > 0) return layers;
  const ofDecoders = new Set(prefixesOf(file, decoderNames));
  const prefixes = prefixesOf(file, encoders).filter((prefix) => ofDecoders.has(prefix));
  const heights = prefixes.map((prefix) => stackHeight(file, prefix));
  const total = heights.reduce<number>((sum, height) => sum + (height ?? 1), 0);
  if (total > mostParts) {
    const [found, expected] = [`${total}`, `at most ${mostParts}`];
    throw new ReseedError('input.format', 'it holds too many SAEs', { file: file.file, found, expected });
  }
  return prefixes.flatMap((prefix, p) => {
    const own = () => (prefixes.length === 1 ? file : withoutOthers(file, prefix, prefixes));
    const name = prefix.replace(/[./]$/, '');
    const height = heights[p];
    if (height === undefined) return [partOf(name, own)];
    return Array.from({ length: height }, (_, i) =>
      partOf(name === '' ? `${i}` : `${name}/${i}`, () => sliceOf(own(), prefix, height, i)),
    );
  });
}

/**
 * The layers of a cross-layer transcoder of OpenMOSS, each with what it reads and what it writes: slice l of W_E [L × d × F], b_E and
 * thresholds [L × F], and of W_D.<to> [to + 1 × F × d] from layer l on.
 */
function layersOf(file: TensorFile): SaePart[] {
  const [height = 0, ...others] = file.tensors.get('W_E')?.shape ?? [];
  if (others.length !== 2 || !file.tensors.has('W_D.0') || height > mostParts) return [];
  const targetOf = (name: string) => /^W_D\.(\d+)$/.exec(name)?.[1];
  return Array.from({ length: height }, (_, layer) =>
    partOf(`layer${layer}`, () => {
      const own = withoutTensors(file, (name) => Number(targetOf(name) ?? layer) < layer);
      return slicesOf(own, layer, (name, shape) => {
        const target = targetOf(name);
        return target === undefined
          ? shape.length > 1 && shape[0] === height && /^(?:W_E|b_E|activation_function\..*)$/.test(name)
          : shape.length === 3 && shape[0] === Number(target) + 1;
      });
    }),
  );
}

/** Of thousands of parts few are looked into. */
function partOf(name: string, tensors: () => TensorFile): SaePart {
  return {
    name,
    get tensors() {
      return tensors();
    },
  };
}

/**
 * The part of this name, of which the end is enough where only one has it, or of this number in the file's order.
 * @throws input.format naming the parts that there are
 */
export function partNamed(file: TensorFile, name: string): SaePart {
  const parts = partsOf(file);
  const whole = parts.find((one) => one.name === name);
  const ending = parts.filter((one) => one.name.endsWith(`/${name}`) || one.name.endsWith(`.${name}`));
  const found =
    whole ?? (ending.length === 1 ? ending[0] : /^\d+$/.test(name) ? parts[Number(name)] : undefined);
  if (found) return found;
  throw new ReseedError('input.format', 'it does not hold this SAE', {
    file: file.file,
    found: parts.length === 0 ? listNames(file.tensors.keys()) : listNames(parts.map((one) => one.name)),
    expected: name,
  });
}

/** How many SAEs are stacked below a prefix; undefined where there is no stack. */
function stackHeight({ tensors }: TensorFile, prefix: string): number | undefined {
  const shapeOf = (names: readonly string[]) =>
    names.map((name) => tensors.get(prefix + name)?.shape).find((shape) => shape !== undefined);
  const [encoder, decoder, bias] = [encoders, decoderNames, encoderBiases].map(shapeOf);
  if (encoder?.length !== 3 || decoder?.length !== 3 || encoder[0] !== decoder[0]) return undefined;
  // A crosscoder has one bias for all its models.
  return bias === undefined || (bias.length === 2 && bias[0] === encoder[0]) ? encoder[0] : undefined;
}

/** Without what stands below a longer or another one of the prefixes. */
function withoutOthers(file: TensorFile, prefix: string, prefixes: readonly string[]): TensorFile {
  const owner = (name: string) =>
    prefixes
      .filter((one) => name.startsWith(one))
      .reduce<string | undefined>((a, b) => (a === undefined || b.length > a.length ? b : a), undefined);
  return withoutTensors(file, (name) => ![undefined, prefix].includes(owner(name)));
}

/** Of each tensor with as many slices as there are SAEs, slice i; others are shared by all. */
function sliceOf(file: TensorFile, prefix: string, height: number, i: number): TensorFile {
  return slicesOf(
    file,
    i,
    (name, shape) => name.startsWith(prefix) && shape.length > 1 && shape[0] === height,
  );
}

function slicesOf(
  file: TensorFile,
  i: number,
  isSliced: (name: string, shape: readonly number[]) => boolean,
): TensorFile {
  const sliced = new Set(
    [...file.tensors].filter(([name, { shape }]) => isSliced(name, shape)).map(([name]) => name),
  );
  const entries = [...file.tensors].map(
    ([name, entry]) => [name, sliced.has(name) ? { ...entry, shape: entry.shape.slice(1) } : entry] as const,
  );
  return {
    ...file,
    tensors: new Map(entries),
    async read(name, rows, storage) {
      if (!sliced.has(name)) return file.read(name, rows, storage);
      const slice = await file.read(name, { from: i, to: i + 1 }, rows ? undefined : storage);
      const whole: Tensor = { ...slice, shape: slice.shape.slice(1) };
      return rows ? rowsOf(whole, rows.from, rows.to) : whole;
    },
  };
}

function rowsOf(tensor: Tensor, from: number, to: number): Tensor {
  const each = valueCount(tensor.shape.slice(1));
  const data = tensor.data.subarray(from * each, to * each) as TensorData;
  return { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data };
}

/** A stack of one is that one. */
export function alone(tensors: TensorFile): TensorFile {
  const parts = partsOf(tensors);
  return parts.length === 1 ? parts[0].tensors : tensors;
}
