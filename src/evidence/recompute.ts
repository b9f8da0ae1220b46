// Counterfactuals: the headline scores with artefacts taken out, where that is not a metric already.
//
// Repeated rows → activation scores on one row of each kind. Unmoved decoders and dead features → displacement of the
// live rows. A shared start → scores without partners of the same index. Each is held against its own null.
import { measured } from '../metrics/measured.js';
import { covarianceMatchedNull } from '../metrics/nulls/covariance-matched.js';
import { nullModel } from '../metrics/nulls/registry.js';
import { type Directions, directionMax } from '../metrics/pairs/directions.js';
import { metricOf } from '../metrics/registry.js';
import { liveOf } from '../sae/member.js';
import { subtract } from '../tensor/matrix.js';
import { takeCodeRows } from '../tensor/sparse-codes.js';
import type { GroupContext } from './context.js';
import type { Evidence, Recomputed } from './evidence.js';
import { sharesStart } from './kin.js';
import { levelOf, measureMetric } from './measure-metrics.js';
import { activationOtherIndex, decoderOtherIndex } from './other-index.js';
import { liveRowsKeptStart } from './start-kept.js';

type Known = Omit<Evidence, 'counterfactual'>;

/**
 * @param different of the rows of the codes, one of each kind, where repeated rows are an artefact
 * @param known what has been measured already
 */
export async function recompute(
  context: GroupContext,
  different: ArrayLike<number> | undefined,
  known: Known,
): Promise<Recomputed[]> {
  if (context.members.length < 2) return [];
  return [
    ...(different ? await onDistinctRows(context, different) : []),
    ...(await onLiveDisplacements(context, known)),
    ...(known.kinship?.some(sharesStart) ? await onOtherIndices(context, known.metrics) : []),
  ];
}

async function onDistinctRows(context: GroupContext, different: ArrayLike<number>): Promise<Recomputed[]> {
  const { id, members } = context.group;
  const thinned = context.with({
    id: `${id}/distinct-rows`,
    members: members.map((m) => ({
      ...m,
      ...(m.codes ? { codes: takeCodeRows(m.codes, different) } : {}),
      ...(m.initCodes ? { initCodes: takeCodeRows(m.initCodes, different) } : {}),
    })),
  });
  const headline = 'activation.max';
  const all = await measureMetric(metricOf(headline), thinned);
  const live = await measureMetric(metricOf('activation.max.live'), thinned);
  return [
    ...(all ? [{ headline, removed: ['data.distinct-rows'], measured: all } as const] : []),
    ...(live
      ? [{ headline, removed: ['usage.dead-by-firing', 'data.distinct-rows'], measured: live } as const]
      : []),
  ];
}

async function onLiveDisplacements(context: GroupContext, known: Known): Promise<Recomputed[]> {
  const { members, kernel, work, draw } = context;
  const sets = members.flatMap((member): Directions[] => {
    const { id, sae, init } = member;
    const features = liveOf(member);
    return init && features ? [{ id, rows: subtract(sae.decoder, init.decoder), features }] : [];
  });
  if (sets.length < members.length) return [];
  const scores = await context.part('displacement.max/live', () =>
    directionMax('displacement.max', sets, kernel, work),
  );
  if (!scores) return [];
  const random = await levelOf(nullModel('random-directions'), metricOf('displacement.max'), scores, context);
  // The verdict rests on this score only where live rows are unmoved, and only there is the further null worth its time.
  const crowded = liveRowsKeptStart(known)
    ? await context.part('displacement.max/live/covariance-matched', () => covarianceMatchedNull(sets, draw))
    : undefined;
  const levels = [random, crowded].filter((level) => level !== undefined);
  return [
    {
      headline: 'decoder.max',
      removed: ['usage.dead-by-firing', 'training.init-drift'],
      measured: measured(scores, scores.members, levels),
    },
  ];
}

async function onOtherIndices(context: GroupContext, metrics: Known['metrics']): Promise<Recomputed[]> {
  const { members, kernel, work, units } = context;
  const decoder = await context.part('decoder.max/other-index', () =>
    decoderOtherIndex(members, kernel, { units, ...work }),
  );
  const codes = await context.part('activation.max/other-index', () =>
    activationOtherIndex(members, kernel, work),
  );
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
