// Plain state dicts under the usual names, in any container, at any depth, and the classes of SAEBench, which are saved
// so: an encoder, a decoder, biases, and what an activation needs.
//
// Three things such a file may leave open: the activation function; whether the decoder bias is subtracted from the
// input; which axis counts features, where shapes do not tell. They are decided by what stands beside the weights, by
// what the user states, for the last two by an encode–decode check on activations, and else the file is refused.
import { ReseedError } from '../../errors.js';
import type { Checkpoint } from '../checkpoint.js';
import { readingThatFits } from '../reading-that-fits.js';
import type { ReadSae, SaeSource } from '../source.js';
import { architectureOf, type Choice, isOpen, orientationOf, subtractOf } from './state-dict-choices.js';
import { stateFields } from './state-dict-fields.js';
import { namesOf, statePrefixes } from './state-dict-names.js';
import { isTranscoder, type PlainState, type Reading, readAs } from './state-dict-weights.js';

export const stateDict: SaeSource = {
  id: 'state-dict',
  title: 'a plain state dict',
  settings: [
    'apply_b_dec_to_input',
    'apply_decoder_bias_to_pre_encoder',
    'use_pre_enc_bias',
    'is_transcoder',
    'transcode',
  ],
  recognises: (checkpoint) => statePrefixes(checkpoint).length > 0,
  read,
};

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const state = find(checkpoint);
  const { encoder, decoder, decoderBias = '' } = state.names;
  const { activations: given } = checkpoint.stated ?? {};
  const architecture = architectureOf(state);
  const orientation = await orientationOf(state);
  const subtract = await subtractOf(state);
  const open: Open[] = [
    ...(isOpen(orientation) ? [openAxis(`${encoder}, ${decoder}`)] : []),
    ...(isOpen(architecture) ? [openArchitecture] : []),
    ...(isOpen(subtract) ? [openBias(decoderBias, given !== undefined)] : []),
  ];
  // What a transcoder reads does not tell what it should write.
  const activations = isTranscoder(state) && !given?.targets ? undefined : given;
  if (isOpen(architecture) || (open.length > 0 && !activations)) throw leftOpen(state, open);
  const because = (choice: Choice<unknown>) =>
    isOpen(choice) ? 'activations, which no other reading reconstructs' : choice.because;
  const readings = orientation.options.flatMap((ofMatrices) =>
    subtract.options.map(
      (ofBias): Reading => ({
        architecture: { taken: architecture.options[0], because: because(architecture) },
        orientation: { taken: ofMatrices, because: because(orientation) },
        subtract: { taken: ofBias, because: because(subtract) },
      }),
    ),
  );
  const [only] = readings;
  if (!activations || readings.length === 1) return readAs(state, only);
  const fitting = await readingThatFits(
    readings.map((reading) => () => readAs(state, reading)),
    activations,
  );
  if (!fitting) throw leftOpen(state, open, 'activations that no reading, or more than one, reconstructs');
  const { reading, unexplained } = fitting;
  const check = {
    of: `${readings.length} readings on activations`,
    taken: `the one that leaves ${(100 * unexplained).toFixed(1)} % of their variance unexplained`,
    because: 'the others leave more than twice as much',
  };
  return { ...reading, assumptions: [...reading.assumptions, check] };
}

function find(checkpoint: Checkpoint): PlainState {
  const { tensors } = checkpoint;
  const [prefix] = statePrefixes(checkpoint);
  const has = (name: string) => tensors.tensors.has(prefix + name);
  return { checkpoint, prefix, names: namesOf(has), fields: stateFields(checkpoint), has };
}

/** What the file leaves open. */
interface Open {
  readonly field: string;
  /** What is missing, and the name under which it can be stated. */
  readonly missing: string;
}

const openArchitecture: Open = {
  field: 'architecture',
  missing:
    'its activation function (--architecture relu, batchtopk, jumprelu or gated; topk or abstopk with --k)',
};

/** @param tried whether activations were given, and did not tell */
function openBias(name: string, tried: boolean): Open {
  const others = tried
    ? '; --transcoder, where it writes elsewhere than it reads'
    : ', or --activations FILE, which may tell';
  return {
    field: name,
    missing: `whether ${name} is subtracted from the input (--subtract-decoder-bias yes or no${others})`,
  };
}

function openAxis(names: string): Open {
  const answers = [
    '--activations that one reading alone reconstructs',
    'd_sae in a config.json beside it, where that is not the width too',
    'the names of layers, encoder.weight [features × width] and decoder.weight [width × features]',
  ];
  return { field: names, missing: `which axis of ${names} counts features (${answers.join('; ')})` };
}

function leftOpen(
  { checkpoint: { tensors } }: PlainState,
  open: readonly Open[],
  found?: string,
): ReseedError {
  const names = [...tensors.tensors.keys()];
  return new ReseedError('input.format', 'the file alone does not tell how to read it', {
    file: tensors.file,
    field: open.map(({ field }) => field).join(', '),
    found: found ?? `tensors ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`,
    expected: `beside the weights or as a flag: ${open.map(({ missing }) => missing).join('; ')}`,
  });
}
