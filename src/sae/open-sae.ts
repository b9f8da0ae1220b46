// Opens an SAE from disk, whatever tool wrote it: the one place that knows which formats can be read.
import { ReseedError } from '../errors.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import type { Sae } from './sae.js';
import type { Assumption, SaeOrigin, SaeRecord, SaeSource } from './source.js';
import { gemmaScope } from './sources/gemma-scope.js';
import { deepseekR1, goodfire } from './sources/linear-pair.js';
import { openai } from './sources/openai.js';
import { saelens } from './sources/saelens.js';
import { sparsify } from './sources/sparsify.js';

/** In the order in which they are asked: those that are known by most of their own first. */
export const saeSources: readonly SaeSource[] = [saelens, sparsify, openai, gemmaScope, goodfire, deepseekR1];

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
 * Opens an SAE: a file of weights, the configuration beside it, or the folder of both.
 * @throws input.file, input.format, input.shape naming file, tensor or field, what was found and what was expected
 */
export function openSae(path: string): Promise<OpenedSae> {
  return openCheckpoint(path, readSae);
}

/** @throws as `openSae` */
export async function readSae(checkpoint: Checkpoint): Promise<OpenedSae> {
  const source = saeSources.find((one) => one.recognises(checkpoint));
  if (!source) throw notAnSae(checkpoint);
  const { sae, origin = {}, assumptions, record = {}, hookName } = await source.read(checkpoint);
  return {
    sae,
    assumptions,
    record,
    origin: { format: source.id, path: checkpoint.path, ...origin },
    ...(hookName === undefined ? {} : { hookName }),
  };
}

function notAnSae({ tensors, configs }: Checkpoint): ReseedError {
  const names = [...tensors.tensors.keys()];
  const of = names.length === 0 ? 'no tensors' : `tensors ${names.slice(0, 8).join(', ')}`;
  const beside = configs.size === 0 ? '' : `, and ${[...configs.keys()].join(', ')} beside it`;
  return new ReseedError('input.format', 'it is not an SAE of a known layout', {
    file: tensors.file,
    found: `${of}${names.length > 8 ? ' …' : ''}${beside}`,
    expected: `a checkpoint of ${saeSources.map(({ title }) => title).join(', ')}`,
  });
}
