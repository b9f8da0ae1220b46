// An SAE as it is named on the command line: a path, and behind a colon what holds for this one alone.
//
//   a.pt:architecture=topk,k=32   b.pt:activations=xb.npy
import { stat } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { ReseedError } from '../errors.js';
import { statedArchitectures } from '../sae/stated-settings.js';
import { wholeNumber } from './arguments.js';
import type { StatedFlags } from './stated-options.js';

export interface OwnFlags extends StatedFlags {
  readonly activations?: string;
}

export interface SaeArgument {
  readonly path: string;
  readonly own: OwnFlags;
}

const names = ['architecture', 'k', 'subtract-decoder-bias', 'transcoder', 'ignore', 'activations'];

const settings = new RegExp(`^(.+?):((?:${names.join('|')})=.*)$`);

/**
 * What there is decides: the whole is a path where there is one of that name.
 * @throws usage.argument naming the setting that is wrong
 */
export async function saeArgument(text: string): Promise<SaeArgument> {
  const [, path, list] = settings.exec(text) ?? [];
  if (path === undefined || (await stat(text).catch(() => undefined))) return { path: text, own: {} };
  const own: Record<string, unknown> = {};
  for (const setting of list.split(',')) {
    const at = setting.indexOf('=');
    const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
    const [flag, parsed] = parse(text, name, value, setting);
    own[flag] = flag === 'ignore' ? [...((own[flag] as string[] | undefined) ?? []), value] : parsed;
  }
  return { path, own };
}

/** The name of the flag as commander has it, and its value. */
function parse(text: string, name: string, value: string, setting: string): [string, unknown] {
  const wrong = (expected: string) =>
    new ReseedError('usage.argument', 'it is not a setting of one SAE', {
      field: text,
      found: setting,
      expected,
    });
  const oneOf = (choices: readonly string[]) => {
    if (choices.includes(value)) return value;
    throw wrong(`${name}=${choices.join(` or ${name}=`)}`);
  };
  switch (name) {
    case 'architecture':
      return [name, oneOf(statedArchitectures)];
    case 'subtract-decoder-bias':
      return ['subtractDecoderBias', oneOf(['yes', 'no'])];
    case 'transcoder':
      return [name, oneOf(['yes', 'no']) === 'yes'];
    case 'k':
      try {
        return [name, wholeNumber(1)(value)];
      } catch (error) {
        if (error instanceof InvalidArgumentError) throw wrong('k=N, a whole number from 1 on');
        throw error;
      }
    case 'ignore':
    case 'activations':
      if (value !== '') return [name, value];
      throw wrong(`${name}=NAME`);
    default:
      throw wrong(names.map((one) => `${one}=…`).join(', '));
  }
}
