// The trained small transformers that come with the package, and the card that says how each was made.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';
import type { TransformerConfig } from './config.js';
import type { TransformerRecipe } from './train.js';
import { loadTransformerFile, type Transformer } from './weights.js';

/** Shape of the shipped models, but for the number of layers. */
export const shippedShape = { modulus: 113, dModel: 128, heads: 4, dMlp: 512 } as const;

/** How a shipped model was made, and how well it does. */
export interface TransformerCard {
  /** The command that made it. */
  readonly command: string;
  readonly seed: number;
  readonly config: TransformerConfig;
  readonly recipe: TransformerRecipe;
  /** Training steps taken. */
  readonly steps: number;
  /** How many pairs training never saw; they follow from the seed. */
  readonly heldOutPairs: number;
  /** Share of the held-out pairs answered rightly, 0 … 1. */
  readonly heldOutAccuracy: number;
  /** Share of the training pairs answered rightly, 0 … 1. */
  readonly trainAccuracy: number;
  /** SHA-256 of the safetensors file, in hexadecimal. */
  readonly sha256: string;
}

/** Name of a model's files, without the ending. */
export function transformerName({ modulus, layers }: Pick<TransformerConfig, 'modulus' | 'layers'>): string {
  return `addition-mod-${modulus}-${layers}l`;
}

/** Path of a shipped file; the same from src/ and from dist/. */
export function shippedPath(layers: number, ending: 'safetensors' | 'json'): string {
  const name = transformerName({ ...shippedShape, layers });
  return fileURLToPath(new URL(`../../../assets/transformer/${name}.${ending}`, import.meta.url));
}

/** The shipped model with this many layers. */
export function loadTransformer(layers: 2 | 3): Promise<Transformer> {
  return loadTransformerFile(shippedPath(layers, 'safetensors'));
}

/** The card of the shipped model with this many layers. */
export async function loadTransformerCard(layers: 2 | 3): Promise<TransformerCard> {
  const file = shippedPath(layers, 'json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  try {
    return JSON.parse(text) as TransformerCard;
  } catch (cause) {
    throw new ReseedError('input.format', 'it is not JSON', { file, cause });
  }
}
