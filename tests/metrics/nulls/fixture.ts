// Reads statistics.json (made by make-statistics.py).
import { readFileSync } from 'node:fs';

interface Fixture {
  survival: { width: number; features: number; cosine: number; value: number }[];
  expectedMax: { width: number; features: number; value: number }[];
  pairSpread: { width: number; a: number; b: number; value: number }[];
  falseDiscovery: { p: number[]; q: number[] }[];
  decoders: number[][][];
  matches: ({ sae: number; other: number } & Record<
    | 'features'
    | 'partner'
    | 'cosine'
    | 'margin'
    | 'mutual'
    | 'assigned'
    | 'assignedCosine'
    | 'pValue'
    | 'qValue',
    number[]
  >)[];
  stability: Record<'stability' | 'stability07' | 'stability09', number[]>[];
}

export const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/statistics.json', import.meta.url), 'utf8'),
);

/** |measured/expected − 1|, and 0 where both are 0. */
export function relative(measured: number, expected: number): number {
  return measured === expected ? 0 : Math.abs(measured / expected - 1);
}
