// activation.max and activation.max.live: best |cosine| between code columns over the rows of the data.
//
// Columns are not centred. Over all features a dead one scores 0; over live features it is not counted. Both
// come from the same co-firing products, because a dead column is no partner for anything.
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { liveFeatures, type SparseCodes } from '../../tensor/sparse-codes.js';
import type { MetricContext } from '../context.js';
import { type DetailedScores, type PopulationOptions, restrictTo, scorePairs } from './pair-loop.js';

/** Codes of one SAE on the rows that the group shares. */
export interface NamedCodes {
  readonly id: string;
  readonly codes: SparseCodes;
}

export interface ActivationScores {
  readonly all: DetailedScores;
  /** Absent where some SAE has no live feature. */
  readonly live?: DetailedScores;
}

/**
 * Undefined where some member has no codes or, with `live`, no live feature.
 * @throws input.shape when the codes are not of the same rows
 */
export async function activationMax(
  members: readonly Member[],
  kernel: Kernel,
  { live = false, ...work }: PopulationOptions = {},
): Promise<DetailedScores | undefined> {
  const codes = codesOf(members);
  const scores = codes && (await activationScores(codes, kernel, work));
  return live ? scores?.live : scores?.all;
}

/** The codes of every member; undefined where some member has none. */
export function codesOf(members: readonly Member[]): NamedCodes[] | undefined {
  const found = members.flatMap(({ id, codes }) => (codes ? [{ id, codes }] : []));
  return found.length === members.length ? found : undefined;
}

/** Both variants of a group, which two metrics rest on; undefined where some member has no codes. */
export function coFiringScores({
  members,
  kernel,
  work,
  once,
}: MetricContext): Promise<ActivationScores | undefined> {
  return once('activation.max', async () => {
    const codes = codesOf(members);
    return codes && activationScores(codes, kernel, work);
  });
}

/** Both variants for the price of one. @throws input.shape when the codes are not of the same rows */
export async function activationScores(
  group: readonly NamedCodes[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<ActivationScores | undefined> {
  requireSameRows(group);
  const sides = group.map(({ id, codes }) => ({
    id,
    features: Int32Array.from({ length: codes.features }, (_, i) => i),
    leftOut: 0,
  }));
  const match = (i: number, j: number) => kernel.coFiring(group[i].codes, group[j].codes, options);
  const all = await scorePairs('activation.max', sides, match, { ...options, atOnce: 2 });
  if (!all) return undefined;
  const live = restrictTo(
    'activation.max.live',
    all,
    group.map(({ codes }) => liveFeatures(codes)),
  );
  return { all, ...(live ? { live } : {}) };
}

/** @throws input.shape when the codes are not of the same rows */
export function requireSameRows(group: readonly NamedCodes[]): void {
  const wrong = group.find(({ codes }) => codes.rows !== group[0].codes.rows);
  if (!wrong) return;
  throw new ReseedError('input.shape', 'codes of different data cannot be compared', {
    field: wrong.id,
    found: `${wrong.codes.rows} rows`,
    expected: `${group[0].codes.rows} rows, as in ${group[0].id}`,
  });
}
