// Scores of codes, each with its own nulls, and how the score of all features splits into live and dead.
import { type MeasuredMetric, measured } from '../nulls/measured.js';
import type { Null } from '../nulls/null.js';
import { rowPermutationNull } from '../nulls/row-permutation.js';
import { untrainedNull } from '../nulls/untrained.js';
import { activationScores, codesOf } from '../similarity/activation.js';
import { activationMatched } from '../similarity/activation-matched.js';
import type { Member } from '../similarity/metric.js';
import type { Matrix } from '../tensor/matrix.js';
import { type Bench, plainScores } from './bench.js';
import { remembering } from './measure-matched.js';
import { orNull, withSplit } from './remembered.js';

/**
 * Both best-match metrics on these codes, the split, and the null of the one-to-one metric, which comes with theirs;
 * the names of the parts begin with `name`.
 */
export async function activationMetrics(
  name: string,
  members: readonly Member[],
  x: Matrix | undefined,
  bench: Bench,
) {
  const codes = codesOf(members);
  if (!codes) return undefined;
  const found = await bench.part(`${name}.max`, async () => {
    const scores = await activationScores(codes, bench.kernel, bench.work);
    const all = withSplit(scores?.all, members);
    return all && { ...all, live: scores?.live ? plainScores(scores.live) : null };
  });
  if (!found) return undefined;
  const permuted = await bench.part(`${name}.max/row-permutation`, async () =>
    orNull(await rowPermutationNull(members, bench.draw)),
  );
  const untrained = x
    ? await bench.part(`${name}.max/untrained`, async () =>
        orNull(await untrainedNull(members, x, { kernel: bench.kernel, ...bench.work })),
      )
    : null;
  const ids = members.map((m) => m.id);
  const nulls = (which: 'all' | 'live') =>
    [permuted?.[which], untrained?.[which]].filter((level): level is Null => level !== undefined);
  return {
    all: measured(found.scores, ids, nulls('all')),
    ...(found.live ? { live: measured(found.live, ids, nulls('live')) } : {}),
    ...(permuted?.matched ? { matchedNull: permuted.matched } : {}),
    split: found.split,
  };
}

/** `activation.matched.live`; undefined where some member has no live feature. */
export async function matchedCodes(
  members: readonly Member[],
  level: Null | undefined,
  bench: Bench,
): Promise<MeasuredMetric | undefined> {
  const remember = remembering('activation.matched.live', bench);
  const scores = await activationMatched(members, bench.kernel, remember);
  return scores && measured(scores, scores.members, level ? [level] : []);
}
