// Options that say of an SAE what its files leave open.

import { type Command, Option } from 'commander';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { type StatedSettings, statedArchitectures } from '../sae/stated-settings.js';
import { wholeNumber } from './arguments.js';

export interface StatedFlags {
  readonly architecture?: NonNullable<StatedSettings['architecture']>;
  readonly k?: number;
  readonly subtractDecoderBias?: 'yes' | 'no';
  readonly transcoder?: boolean;
  readonly ignore?: string[];
}

/** Adds them to a command. */
export function withStatedOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--architecture <name>', 'of SAEs whose files do not say').choices(statedArchitectures),
    )
    .option(
      '--k <n>',
      'features of each row that a TopK SAE keeps, where its files do not say',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--subtract-decoder-bias <answer>',
        'is the decoder bias taken from the input, where the files do not say',
      ).choices(['yes', 'no']),
    )
    .option('--transcoder', 'they write elsewhere than they read, where the files do not say')
    .option(
      '--ignore <names>',
      'tensors and settings beside the weights that change nothing: mean,std',
      commaSeparated,
    );
}

export function statedIn({
  architecture,
  k,
  subtractDecoderBias: subtract,
  transcoder,
  ignore,
}: StatedFlags): StatedSettings {
  return {
    ...defined({ architecture, k }),
    ...(subtract === undefined ? {} : { subtractDecoderBias: subtract === 'yes' }),
    ...(transcoder ? { transcoder } : {}),
    ...defined({ ignore }),
  };
}

/** Of targets that are given without what transcoders would read. */
export function targetsAlone(): ReseedError {
  return new ReseedError('usage.argument', 'they have no effect here', {
    field: '--targets',
    found: 'no activations that transcoders would read',
    expected: '--activations FILE too',
  });
}

function commaSeparated(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}
