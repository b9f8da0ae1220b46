// What a person says of an SAE where its files leave it open. It fills gaps and never overrules a file.
import { ReseedError } from '../errors.js';
import type { Kernel } from '../kernel/interface.js';
import type { Matrix } from '../tensor/matrix.js';
import { kOf, type Sae } from './sae.js';

export const statedArchitectures = ['relu', 'topk', 'batchtopk', 'abstopk', 'jumprelu', 'gated'] as const;

export type StatedArchitecture = (typeof statedArchitectures)[number];

export interface StatedSettings {
  readonly architecture?: StatedArchitecture;
  /** Only its directions are compared: where the files do not say how it encodes, that is not asked. */
  readonly weightsOnly?: boolean;
  /** How many features of each row a TopK SAE keeps. */
  readonly k?: number;
  /** Whether the decoder bias is taken from the input before encoding. */
  readonly subtractDecoderBias?: boolean;
  /** It writes elsewhere than it reads. */
  readonly transcoder?: true;
  /**
   * Tensors and settings beside the weights that are not to be applied or refused; a name stands for all below it too.
   * Unlike the others it overrules the files.
   */
  readonly ignore?: readonly string[];
  /** Rows [N×d] like those that it was trained on: of several ways to read a file, the one that reconstructs them is right. */
  readonly activations?: {
    readonly x: Matrix;
    /** What a transcoder should write [N×d′], row by row of the same. */
    readonly targets?: Matrix;
    readonly kernel: Kernel;
  };
}

const kinds: Readonly<Record<StatedArchitecture, Sae['activation']['kind']>> = {
  relu: 'relu',
  topk: 'topk',
  batchtopk: 'jumprelu',
  abstopk: 'abstopk',
  jumprelu: 'jumprelu',
  gated: 'gated',
};

/** @param file that the SAE was read from @throws usage.argument where what was stated is not what the file says */
export function requireAsStated(sae: Sae, stated: StatedSettings, file: string): void {
  const { architecture, k, subtractDecoderBias: subtract, transcoder } = stated;
  const refuse = (flag: string, found: unknown, expected: unknown) =>
    saysOtherwise(file, flag, String(found ?? 'none'), expected);
  if (architecture !== undefined && kinds[architecture] !== sae.activation.kind) {
    throw refuse('--architecture', sae.architecture, architecture);
  }
  if (k !== undefined && k !== kOf(sae)) throw refuse('--k', kOf(sae), k);
  if (transcoder && !sae.transcoder) throw refuse('--transcoder', 'an SAE of its input', 'a transcoder');
  // A bias of zeros is neither subtracted nor not.
  const biased = sae.decoderBias.some((value) => value !== 0);
  if (subtract !== undefined && biased && subtract !== sae.subtractDecoderBias) {
    throw refuse('--subtract-decoder-bias', yesOrNo(sae.subtractDecoderBias), yesOrNo(subtract));
  }
}

function yesOrNo(answer: boolean): string {
  return answer ? 'yes' : 'no';
}

/** @param found what the file says @param advice what to state instead */
export function saysOtherwise(
  file: string,
  flag: string,
  found: string,
  stated: unknown,
  advice = '',
): ReseedError {
  return new ReseedError('usage.argument', 'the file says otherwise than was stated', {
    file,
    field: flag,
    found,
    expected: `${stated}, as stated${advice}`,
  });
}
