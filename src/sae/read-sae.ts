// Makes an SAE of a checkpoint, whatever tool wrote it: the one place that knows which formats can be read.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { Checkpoint } from './checkpoint.js';
import { mapOf } from './nested-state.js';
import { normBeside } from './norm-beside.js';
import { partsOf } from './parts.js';
import { readNormalised } from './read-normalised.js';
import type { Sae } from './sae.js';
import type { Assumption, SaeOrigin, SaeRecord, SaeSource } from './source.js';
import { circuitTracer } from './sources/circuit-tracer.js';
import { crosscoder } from './sources/crosscoder.js';
import { decoderAlone } from './sources/decoder-alone.js';
import { dictionaryLearning } from './sources/dictionary-learning.js';
import { e2eSae } from './sources/e2e-sae.js';
import { gemmaScope } from './sources/gemma-scope.js';
import { husai } from './sources/husai.js';
import { interplm } from './sources/interplm.js';
import { deepseekR1, goodfire } from './sources/linear-pair.js';
import { openai } from './sources/openai.js';
import { openmoss } from './sources/openmoss.js';
import { overcomplete } from './sources/overcomplete.js';
import { prisma } from './sources/prisma.js';
import { saelens } from './sources/saelens.js';
import { sparsify } from './sources/sparsify.js';
import { stateDict } from './sources/state-dict.js';
import { requireAsStated } from './stated-settings.js';
import { withoutIgnored } from './without.js';

/** In the order in which they are asked: those that are known by most of their own first. */
export const saeSources: readonly SaeSource[] = [
  saelens,
  sparsify,
  openai,
  gemmaScope,
  openmoss,
  circuitTracer,
  prisma,
  crosscoder,
  overcomplete,
  e2eSae,
  interplm,
  goodfire,
  deepseekR1,
  husai,
  dictionaryLearning,
  // After all of these: its names are those of others too.
  stateDict,
  decoderAlone,
];

export interface OpenedSae {
  readonly sae: Sae;
  readonly origin: SaeOrigin;
  /** What each tensor and field was taken to be. */
  readonly assumptions: readonly Assumption[];
  /** What the run that trained it recorded beside the weights. */
  readonly record: SaeRecord;
  /** Where in the model its input was read, as `blocks.0.hook_resid_post`. */
  readonly hookName?: string;
}

/**
 * @throws input.file, input.format, input.shape naming file, tensor or field, what was found and what was expected;
 * usage.argument where the files say otherwise than was stated
 */
export async function readSae(given: Checkpoint): Promise<OpenedSae> {
  const { rest: checkpoint, assumptions: ignored } = withoutIgnored(given);
  requireOne(checkpoint);
  const source = saeSources.find((one) => one.recognises(checkpoint));
  if (!source) throw notAnSae(checkpoint);
  const { rest, norm } = await normBeside(checkpoint, source);
  const read = norm ? await readNormalised(source, rest, norm) : await source.read(rest);
  const { sae, origin = {}, assumptions, record = {}, hookName } = read;
  requireAsStated(sae, checkpoint.stated ?? {}, checkpoint.tensors.file);
  return {
    sae,
    assumptions: [...assumptions, ...ignored],
    record,
    origin: { format: source.id, path: checkpoint.path, ...origin },
    ...defined({ hookName }),
  };
}

function requireOne({ path, tensors }: Checkpoint): void {
  const parts = partsOf(tensors);
  if (parts.length <= 1) return;
  const names = parts.map(({ name }) => `${path}#${name}`);
  throw new ReseedError('input.format', 'it holds more than one SAE', {
    file: tensors.file,
    found: `${names.length}: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' …' : ''}`,
    expected: 'the name of one behind a #, or the file alone where all are compared',
  });
}

/** Whether some reader takes it for one of its own. */
export function isKnownLayout(checkpoint: Checkpoint): boolean {
  return saeSources.some((one) => one.recognises(checkpoint));
}

function notAnSae({ tensors, configs }: Checkpoint): ReseedError {
  const names = [...tensors.tensors.keys()];
  const layouts = saeSources.filter((one) => one !== decoderAlone);
  const of = names.length === 0 ? 'no tensors' : `tensors ${names.slice(0, 8).join(', ')}`;
  const beside = configs.size === 0 ? '' : `, and ${[...configs.keys()].join(', ')} beside it`;
  // Of a model that was pickled whole, what it computes is not in the file.
  const { __class__: pickled } = mapOf(tensors.values);
  return new ReseedError('input.format', 'it is not an SAE of a known layout', {
    file: tensors.file,
    found: pickled ? `an object of ${pickled}` : `${of}${names.length > 8 ? ' …' : ''}${beside}`,
    expected: pickled
      ? 'the state dict that its state_dict() gives'
      : `a checkpoint of ${layouts.map(({ title }) => title).join(', ')}; without --activations, a .npy file of decoder rows, or a tensor W_dec alone, will do`,
  });
}
