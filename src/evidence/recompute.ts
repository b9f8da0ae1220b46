// Counterfactuals: the headline scores with artefacts taken out, where that is not a metric already.
//
// Repeated rows → activation scores on one row of each kind. Unmoved decoders and dead features → displacement of the
// live rows. A shared start → scores without partners of the same index. Each is held against its own null.

import { measured } from '../metrics/measured.js';
import type { Member } from '../metrics/metric.js';
import { covarianceMatchedNull } from '../metrics/nulls/covariance-matched.js';
import { directionMax } from '../metrics/pairs/directions.js';
import { dModel } from '../sae/sae.js';
import { type Matrix, subtract, takeRows } from '../tensor/matrix.js';
import { liveFeatures, takeCodeRows } from '../tensor/sparse-codes.js';
import { type Bench, plainScores } from './bench.js';
import type { Evidence, Recomputed } from './evidence.js';
import { sharesStart } from './kin.js';
import { activationMetrics } from './measure-codes.js';
import { activationOtherIndex, decoderOtherIndex } from './other-index.js';
import { orNull } from './remembered.js';
import { liveRowsKeptStart } from './start-kept.js';

interface Data {
  /** [N×d] the activations, where known. */
  readonly x: Matrix | undefined;
  /** One row of each kind, where repeated rows are an artefact. */
  readonly different: readonly number[] | undefined;
}

/** @param known what has been measured already */
export async function recompute(
  members: readonly Member[],
  { x, different }: Data,
  known: Omit<Evidence, 'counterfactual'>,
  bench: Bench,
): Promise<Recomputed[]> {
  if (members.length < 2) return [];
  return [
    ...(different ? await onDistinctRows(members, x, different, bench) : []),
    ...(await onLiveDisplacements(members, known, bench)),
    ...(known.kinship?.some(sharesStart) ? await onOtherIndices(members, known.metrics, bench) : []),
  ];
}

async function onDistinctRows(
  members: readonly Member[],
  x: Matrix | undefined,
  different: readonly number[],
  bench: Bench,
): Promise<Recomputed[]> {
  const thinned = members.map((m) => ({
    ...m,
    ...(m.codes ? { codes: takeCodeRows(m.codes, different) } : {}),
    ...(m.activations ? { activations: takeRows(m.activations, different) } : {}),
  }));
  const scores = await activationMetrics(
    'distinct-rows/activation',
    thinned,
    x && takeRows(x, different),
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

async function onLiveDisplacements(
  members: readonly Member[],
  known: Omit<Evidence, 'counterfactual'>,
  bench: Bench,
): Promise<Recomputed[]> {
  const sets = members.flatMap(({ id, sae, init, codes }) =>
    init && codes ? [{ id, rows: subtract(sae.decoder, init.decoder), features: liveFeatures(codes) }] : [],
  );
  if (sets.length < members.length) return [];
  const scores = await bench.part('displacement.max/live', async () => {
    const found = await directionMax('displacement.max', sets, bench.kernel, bench.work);
    return found ? plainScores(found) : null;
  });
  if (!scores) return [];
  // The verdict rests on this score only where live rows are unmoved, and only there is the further null worth its time.
  const crowded = liveRowsKeptStart(known)
    ? await bench.part('displacement.max/live/covariance-matched', async () =>
        orNull(await covarianceMatchedNull(sets, bench.draw)),
      )
    : null;
  return [
    {
      headline: 'decoder.max',
      removed: ['usage.dead-by-firing', 'training.init-drift'],
      measured: await bench.againstDirections(scores, dModel(members[0].sae), crowded ? [crowded] : []),
    },
  ];
}

async function onOtherIndices(
  members: readonly Member[],
  metrics: Evidence['metrics'],
  bench: Bench,
): Promise<Recomputed[]> {
  const plain = async (of: typeof decoderOtherIndex) => {
    const found = await of(members, bench.kernel, bench.work);
    return found ? plainScores(found) : null;
  };
  const decoder = await bench.part('decoder.max/other-index', () => plain(decoderOtherIndex));
  const codes = await bench.part('activation.max/other-index', () => plain(activationOtherIndex));
  const removed = ['seeds.same-init'] as const;
  // One partner less than the null counts on: for all but the smallest SAEs that is nothing.
  return (['decoder.max', 'activation.max'] as const).flatMap((headline) => {
    const scores = headline === 'decoder.max' ? decoder : codes;
    const level = metrics[headline]?.null;
    return scores && level
      ? [{ headline, removed, measured: measured(scores, scores.members, [level]) }]
      : [];
  });
}
