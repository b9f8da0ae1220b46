// What a plain state dict may be read as, by its names, shapes and values, by what stands beside it and what is stated.
//
// Layers of torch keep their weight as [out × in]. `k` kept as a tensor beside W_enc, or gate_bias and b_mag, name
// SAEBench's TopK, BatchTopK (with one threshold) and Gated, which subtract b_dec.
// Source: SAEBench 0.6, custom_saes/{topk,batch_topk,gated}_sae.py.
import { ReseedError } from '../../errors.js';
import { type Orientation, orientationByValues, orientationsByShape } from '../orientation.js';
import { type StatedArchitecture, saysOtherwise, statedArchitectures } from '../stated-settings.js';
import {
  isSingle,
  isTranscoder,
  type PlainState,
  type ReadArchitecture,
  shapeOf,
  storedMatrix,
  vectorOf,
} from './state-dict-weights.js';

/** What something may be; decided where there is one option, and then for this reason. */
export interface Choice<T> {
  readonly options: readonly T[];
  readonly because: string;
}

export function isOpen({ options }: Choice<unknown>): boolean {
  return options.length > 1;
}

export function architectureOf(state: PlainState): Choice<ReadArchitecture> {
  const { names, fields, has, checkpoint } = state;
  const { architecture: stated, weightsOnly } = checkpoint.stated ?? {};
  const decided = (architecture: ReadArchitecture, because = 'its tensors') => ({
    options: [architecture],
    because,
  });
  if (fields.architecture) {
    const isOpenBatch = fields.architecture === 'batchtopk' && !has('threshold');
    if (stated === 'topk' && isOpenBatch) return decided('batchtopk', 'it stands beside the weights');
    if (stated && stated !== fields.architecture) {
      throw saysOtherwise(
        checkpoint.tensors.file,
        '--architecture',
        `${fields.architecture}, beside the weights`,
        stated,
      );
    }
    return decided(fields.architecture, 'it stands beside the weights');
  }
  if (stated) {
    requireNoMore(state, stated);
    return decided(stated, 'stated');
  }
  if (names.gateBias !== undefined && names.magnitudeBias !== undefined) return decided('gated');
  if (has('k')) return decided(has('threshold') ? 'batchtopk' : 'topk');
  // JumpReLU has one for each feature.
  if (has('threshold')) return decided(isSingle(state, 'threshold') ? 'batchtopk' : 'jumprelu');
  if (weightsOnly) return decided('unknown', 'the files do not say, and directions are compared alone');
  return { options: statedArchitectures, because: '' };
}

/** ReLU needs nothing but weights: what is there besides says that it is another. */
function requireNoMore({ names, fields, has, checkpoint }: PlainState, stated: StatedArchitecture): void {
  if (stated !== 'relu') return;
  const more = [
    ...(has('k') ? (['tensor k', 'topk', 'k'] as const) : []),
    ...(fields.k === undefined ? [] : ([`k ${fields.k}`, 'topk', 'k'] as const)),
    ...(has('threshold') ? (['tensor threshold', 'jumprelu or batchtopk', 'threshold'] as const) : []),
    ...(names.magnitudeBias
      ? ([`tensor ${names.magnitudeBias}`, 'gated', names.magnitudeBias] as const)
      : []),
  ];
  const [found, other, name] = more;
  if (found === undefined) return;
  throw saysOtherwise(
    checkpoint.tensors.file,
    '--architecture',
    found,
    stated,
    `; --architecture ${other}, or --ignore ${name}, where it bears on nothing`,
  );
}

/** @throws input.shape where no orientation fits */
export async function orientationOf(state: PlainState): Promise<Choice<Orientation>> {
  const { encoder, decoder, encoderAxis, decoderAxis } = state.names;
  const shapes = [shapeOf(state, encoder, 2), shapeOf(state, decoder, 2)] as const;
  const known = knownWidths(state);
  const options = known
    .reduce<readonly Orientation[]>(
      (left, { axis, length }) => left.filter((one) => one[axis] === length),
      orientationsByShape(...shapes, isTranscoder(state)),
    )
    .filter((one) => (encoderAxis ?? one.encoder) === one.encoder)
    .filter((one) => (decoderAxis ?? one.decoder) === one.decoder);
  if (options.length === 0) {
    const [ofEncoder, ofDecoder] = shapes.map((shape) => `[${shape.join(' × ')}]`);
    const others = known.map(({ of, axis, length }) => `, ${of} of ${length} ${axis}`).join('');
    throw new ReseedError('input.shape', 'they do not fit each other', {
      file: state.checkpoint.tensors.file,
      field: `tensors ${encoder}, ${decoder}`,
      found: `${ofEncoder} and ${ofDecoder}${others}`,
      expected: `${encoderAxis && decoderAxis ? '[features × width] and [width × features]' : 'two lengths that all share'}${
        isTranscoder(state) ? '' : ', or --transcoder, where it writes another width than it reads'
      }`,
    });
  }
  if (options.length === 1) return { options, because: 'their shapes and names' };
  const [ofEncoder, ofDecoder] = [await storedMatrix(state, encoder), await storedMatrix(state, decoder)];
  const told = orientationByValues(options, ofEncoder, ofDecoder);
  const because = 'so decoder rows are of one length, and encoder rows point along their own';
  return { options: told ? [told] : options, because };
}

interface KnownWidth {
  readonly of: string;
  readonly axis: 'features' | 'width' | 'out';
  readonly length: number;
}

/** Lengths of biases, and what stands beside the weights. */
function knownWidths(state: PlainState): KnownWidth[] {
  const { names, fields } = state;
  const { encoderBias = names.gateBias, decoderBias } = names;
  const lengthOf = (name: string | undefined) => name && shapeOf(state, name, 1)[0];
  const widths = [
    { of: encoderBias, axis: 'features', length: lengthOf(encoderBias) },
    { of: decoderBias, axis: 'out', length: lengthOf(decoderBias) },
    { of: 'settings', axis: 'features', length: fields.features },
    { of: 'settings', axis: 'width', length: fields.width },
  ];
  return widths.filter((one): one is KnownWidth => one.length !== undefined);
}

/** Whether the decoder bias is subtracted from the input. */
export async function subtractOf(state: PlainState): Promise<Choice<boolean>> {
  const { names, fields, has, checkpoint } = state;
  const { encoder, decoder, decoderBias } = names;
  const decided = (subtract: boolean, because: string) => ({ options: [subtract], because });
  if (decoderBias === undefined) return decided(false, 'there is none');
  const bias = await vectorOf(state, decoderBias);
  if (bias.every((value) => value === 0)) return decided(false, 'it is zero');
  const beside = fields.subtractDecoderBias;
  if (beside !== undefined) return decided(beside, 'settings beside the weights');
  const asInSaeBench = encoder === 'W_enc' && decoder === 'W_dec' && decoderBias === 'b_dec';
  if (asInSaeBench && (has('k') || (has('gate_bias') && has('b_mag')))) return decided(true, 'SAEBench');
  const { subtractDecoderBias, weightsOnly } = checkpoint.stated ?? {};
  if (subtractDecoderBias !== undefined) return decided(subtractDecoderBias, 'stated');
  if (isTranscoder(state)) return decided(false, 'a transcoder, which reads elsewhere than its bias writes');
  if (weightsOnly) return decided(false, 'not asked, since directions are compared alone');
  return { options: [false, true], because: '' };
}
