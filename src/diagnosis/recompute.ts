// Counterfactuals: the headline scores with artefacts taken out, where that is not a metric already.
//
// Few distinct rows → activation scores on one copy of each row. Unmoved decoders and dead features →
// displacement of the live rows. Each is held against its own null, recomputed the same way.
import { dModel } from '../sae/sae.js';
import { directionMax } from '../similarity/directions.js';
import type { Member } from '../similarity/metric.js';
import { type Matrix, subtract, takeRows } from '../tensor/matrix.js';
import { liveFeatures, takeCodeRows } from '../tensor/sparse-codes.js';
import { type Bench, plainScores } from './bench.js';
import type { Recomputed } from './evidence.js';
import { activationMetrics } from './measure-codes.js';

/** @param x [N×d] the activations, where known @param distinct the first row of each kind, where there are so few that copies are an artefact */
export async function recompute(
  members: readonly Member[],
  x: Matrix | undefined,
  distinct: readonly number[] | undefined,
  bench: Bench,
): Promise<Recomputed[]> {
  if (members.length < 2) return [];
  return [
    ...(distinct ? await onDistinctRows(members, x, distinct, bench) : []),
    ...(await onLiveDisplacements(members, bench)),
  ];
}

async function onDistinctRows(
  members: readonly Member[],
  x: Matrix | undefined,
  distinct: readonly number[],
  bench: Bench,
): Promise<Recomputed[]> {
  const thinned = members.map((m) => (m.codes ? { ...m, codes: takeCodeRows(m.codes, distinct) } : m));
  const scores = await activationMetrics(
    'distinct-rows/activation',
    thinned,
    x && takeRows(x, distinct),
    bench,
  );
  if (!scores) return [];
  const headline = 'activation.max';
  return [
    { headline, removed: ['data.distinct-rows'], measured: scores.all },
    ...(scores.live
      ? [
          {
            headline,
            removed: ['usage.dead-by-firing', 'data.distinct-rows'],
            measured: scores.live,
          } as const,
        ]
      : []),
  ];
}

async function onLiveDisplacements(members: readonly Member[], bench: Bench): Promise<Recomputed[]> {
  const sets = members.flatMap(({ id, sae, init, codes }) =>
    init && codes ? [{ id, rows: subtract(sae.decoder, init.decoder), features: liveFeatures(codes) }] : [],
  );
  if (sets.length < members.length) return [];
  const scores = await bench.part('displacement.max/live', async () => {
    const found = await directionMax('displacement.max', sets, bench.kernel, bench.work);
    return found ? plainScores(found) : null;
  });
  if (!scores) return [];
  return [
    {
      headline: 'decoder.max',
      removed: ['usage.dead-by-firing', 'training.init-drift'],
      measured: await bench.againstDirections(scores, dModel(members[0].sae)),
    },
  ];
}
