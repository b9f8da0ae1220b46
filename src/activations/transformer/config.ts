// The small transformer's shape, its vocabulary, and the sites where its residual stream can be read.
import { ReseedError } from '../../errors.js';

/** A decoder-only transformer that adds modulo `modulus`: it reads [BOS a + b =] and predicts a + b at `=`. */
export interface TransformerConfig {
  readonly modulus: number;
  readonly layers: number;
  readonly dModel: number;
  /** Must divide dModel. */
  readonly heads: number;
  readonly dMlp: number;
}

/** Layer norms divide by √(variance + this). */
export const normEpsilon = 1e-5;

/** Length of every input. */
export const positions = 5;

/** Token position of each site. */
export const sitePositions = { bos: 0, a: 1, plus: 2, b: 3, equals: 4 } as const;

export type SiteName = keyof typeof sitePositions;

/** The residual stream after a layer (counted from 0) at one token position. */
export interface Site {
  readonly layer: number;
  readonly site: SiteName;
}

/** The name of a site in results and messages, as `layer0.plus`. */
export function siteId({ layer, site }: Site): string {
  return `layer${layer}.${site}`;
}

/** The numbers, then BOS, `+` and `=`. */
export function vocabularySize(config: TransformerConfig): number {
  return config.modulus + 3;
}

/** The token at `position` of the input that asks for a + b. */
export function tokenAt(config: TransformerConfig, position: number, a: number, b: number): number {
  return [config.modulus, a, config.modulus + 1, b, config.modulus + 2][position];
}

/** The inputs of these pairs, token by token [pairs.length × positions]. */
export function tokensOf(config: TransformerConfig, pairs: ArrayLike<number>): Int32Array {
  const tokens = new Int32Array(pairs.length * positions);
  for (let i = 0; i < tokens.length; i++) {
    const n = pairs[Math.floor(i / positions)];
    tokens[i] = tokenAt(config, i % positions, Math.floor(n / config.modulus), n % config.modulus);
  }
  return tokens;
}

/** How many pairs (a, b) there are; pair n is a = ⌊n / modulus⌋, b = n mod modulus. */
export function pairCount(config: TransformerConfig): number {
  return config.modulus * config.modulus;
}

/** @throws input.format when a number is not a whole number ≥ 1 or the heads do not divide dModel */
export function checkConfig(value: unknown, file?: string): TransformerConfig {
  const where = file === undefined ? {} : { file };
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const size = (field: keyof TransformerConfig): number => {
    const n = given[field];
    if (typeof n === 'number' && Number.isSafeInteger(n) && n >= 1) return n;
    const details = {
      ...where,
      field,
      found: JSON.stringify(n) ?? 'nothing',
      expected: 'a whole number, 1 or more',
    };
    throw new ReseedError('input.format', 'wrong shape of a transformer', details);
  };
  const config = {
    modulus: size('modulus'),
    layers: size('layers'),
    dModel: size('dModel'),
    heads: size('heads'),
    dMlp: size('dMlp'),
  };
  if (config.dModel % config.heads !== 0) {
    throw new ReseedError('input.format', 'the heads do not divide the width', {
      ...where,
      field: 'heads',
      found: String(config.heads),
      expected: `a divisor of dModel ${config.dModel}`,
    });
  }
  return config;
}
