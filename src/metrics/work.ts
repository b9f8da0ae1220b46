// What measuring asks of the kernel, counted in calls: how long a part takes beside others, and what a dry run adds up.

/**
 * One pair's best matches, assignment of rows, co-firing, assignment of code columns; the products, eigenvectors or codes of
 * one SAE.
 */
export const operations = [
  'match',
  'assign',
  'coFire',
  'assignCodes',
  'product',
  'spectrum',
  'encode',
] as const;
export type Operation = (typeof operations)[number];

export type Calls = Readonly<Partial<Record<Operation, number>>>;

export interface Work {
  readonly perPair?: Calls;
  readonly perSae?: Calls;
  /** However many SAEs there are. */
  readonly perGroup?: Calls;
}

/** The calls for a group of n SAEs. */
export function callsOf({ perPair, perSae, perGroup }: Work, n: number): Calls {
  const pairs = (n * (n - 1)) / 2;
  const out: Partial<Record<Operation, number>> = {};
  for (const [calls, times] of [
    [perPair, pairs],
    [perSae, n],
    [perGroup, 1],
  ] as const) {
    for (const operation of operations) {
      const count = calls?.[operation];
      if (count !== undefined) out[operation] = (out[operation] ?? 0) + times * count;
    }
  }
  return out;
}
