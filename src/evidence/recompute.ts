// Counterfactuals: the headline scores with artefacts taken out, where that is not a metric already.
//
// Massive rows, and rows of places that are unlike all others → scores on the others, over the features that fire there. Repeated rows → activation scores on one row of each kind. Unmoved decoders and dead features → displacement of the
// live rows. A shared start → scores without partners of the same index. Each is held against its own null.
import { measured } from '../metrics/measured.js';
import { covarianceMatchedNull } from '../metrics/nulls/covariance-matched.js';
import { nullModel } from '../metrics/nulls/registry.js';
import { type Directions, directionMax } from '../metrics/pairs/directions.js';
import { type MetricId, metricOf } from '../metrics/registry.js';
import { type Firing, firingOf, liveOf, type Member } from '../sae/member.js';
import { heavyColumns } from '../stats/heavy-columns.js';
import { subtract } from '../tensor/matrix.js';
import { takeCodeRows } from '../tensor/sparse-codes.js';
import type { GroupContext } from './context.js';
import { alwaysOn, denseFeatures, manyAlwaysOn, meanMatters, withoutFeatures } from './dense-features.js';
import { sharesStart } from './dependent-pairs.js';
import { duplicatedFeatures, manyDuplicated } from './duplicated-features.js';
import type { Evidence, Headline, Recomputed, Removable } from './evidence.js';
import { heavyDimensionsMatter, withoutColumns } from './heavy-dimensions.js';
import { massiveRowsMatter, placesMatter } from './massive.js';
import { levelOf, measureMetric } from './measure-metrics.js';
import { activationOtherIndex, decoderOtherIndex } from './other-index.js';
import type { PreparedGroup } from './prepare.js';
import { repeats } from './repeats.js';
import { liveRowsKeptStart } from './start-kept.js';

type Known = Omit<Evidence, 'counterfactual'>;

/** @param known what has been measured already */
export async function recompute(
  context: GroupContext,
  data: PreparedGroup['data'],
  known: Known,
): Promise<Recomputed[]> {
  if (context.members.length < 2) return [];
  const different = data && repeats(known) ? data.different : undefined;
  return [
    ...(data && massiveRowsMatter(known) ? await onOrdinaryRows(context, data) : []),
    ...(data && placesMatter(known) ? await onRowsElsewhere(context, data) : []),
    ...(meanMatters(known) ? await withoutFiring(context, denseFeatures, 'data.mean') : []),
    ...(manyAlwaysOn(known) ? await withoutFiring(context, alwaysOn, 'usage.always-on') : []),
    ...(manyDuplicated(known) ? await withoutRepeated(context) : []),
    ...(data && heavyDimensionsMatter(known) ? await onOtherDimensions(context, data) : []),
    ...(different ? await onDistinctRows(context, different) : []),
    ...(await onLiveDisplacements(context, known)),
    ...(known.dependence?.some(sharesStart) ? await onOtherIndices(context, known.metrics) : []),
  ];
}

type Described = NonNullable<PreparedGroup['data']>;

async function onOrdinaryRows(context: GroupContext, data: Described): Promise<Recomputed[]> {
  const { massive } = data;
  if (!massive) return [];
  const others = { scatter: massive.scatter, firing: ({ ordinary }: Member) => ordinary?.firing };
  return onOtherRows(context, data, { out: massive.rows, ...others, artefact: 'data.massive-rows' });
}

/** Massive rows are out, too: what is said of the others is said of neither. */
async function onRowsElsewhere(context: GroupContext, data: Described): Promise<Recomputed[]> {
  const { massive, places } = data;
  if (!places?.apart) return [];
  const { rows, scatter } = places.apart;
  const out = massive ? Int32Array.from([...massive.rows, ...rows]) : rows;
  const others = { scatter, firing: ({ elsewhere }: Member) => elsewhere?.firing };
  return onOtherRows(context, data, { out, ...others, artefact: 'data.position' });
}

interface OtherRows {
  /** Rows that are left out. */
  readonly out: Int32Array;
  /** Of the others. */
  readonly scatter: Float64Array;
  firing(member: Member): Firing | undefined;
  readonly artefact: Removable;
}

async function onOtherRows(
  context: GroupContext,
  { stride, codeRows }: Described,
  { out: left, scatter, firing, artefact }: OtherRows,
): Promise<Recomputed[]> {
  const out = new Set(left);
  const rows = Int32Array.from({ length: codeRows }, (_, n) => n).filter((n) => !out.has(n * stride));
  const { id, members } = context.group;
  const thinned = context.with({
    id: `${id}/without-${artefact}`,
    scatter,
    members: members.map((m) => {
      const counted = firing(m);
      return { ...onRows(m, rows), ...(counted ? { firing: counted } : {}) };
    }),
  });
  return [
    ...(await recomputed('activation.max', [artefact], 'activation.max', thinned)),
    ...(await recomputed('activation.max', withDead(artefact), 'activation.max.live', thinned)),
    ...(await recomputed('decoder.max', withDead(artefact), 'decoder.max.live', thinned)),
  ];
}

/** Without features that fire as often as that. */
async function withoutFiring(
  context: GroupContext,
  often: (firing: Firing) => Uint8Array,
  artefact: Removable,
): Promise<Recomputed[]> {
  const { id, members } = context.group;
  const thinned = members.map((m) => {
    const firing = firingOf(m);
    return firing ? withoutFeatures(m, often(firing)) : m;
  });
  return overFeatures(context.with({ id: `${id}/without-${artefact}`, members: thinned }), artefact);
}

async function withoutRepeated(context: GroupContext): Promise<Recomputed[]> {
  const { id, members } = context.group;
  const once: Member[] = [];
  for (const member of members) {
    const left = new Uint8Array(member.sae.decoder.rows);
    const { repeated } = await duplicatedFeatures(member, context);
    for (const feature of repeated) left[feature] = 1;
    once.push(withoutFeatures(member, left));
  }
  return overFeatures(context.with({ id: `${id}/each-once`, members: once }), 'features.duplicated');
}

async function onOtherDimensions(
  context: GroupContext,
  { moments }: NonNullable<PreparedGroup['data']>,
): Promise<Recomputed[]> {
  const heavy = heavyColumns(moments.spreads());
  if (!heavy) return [];
  const { id, members } = context.group;
  const thinned = context.with({
    id: `${id}/other-dimensions`,
    // That null is of all coordinates.
    scatter: undefined,
    members: members.map((m) => withoutColumns(m, heavy.columns)),
  });
  const artefact = 'data.heavy-dimensions';
  return [
    ...(await recomputed('decoder.max', [artefact], 'decoder.max', thinned)),
    ...(await recomputed('decoder.max', withDead(artefact), 'decoder.max.live', thinned)),
  ];
}

/** Headline scores of a group of which features, or the rows they fire on, have been left out. */
async function overFeatures(thinned: GroupContext, artefact: Removable): Promise<Recomputed[]> {
  return [
    ...(await recomputed('activation.max', [artefact], 'activation.max', thinned)),
    ...(await recomputed('activation.max', withDead(artefact), 'activation.max.live', thinned)),
    ...(await recomputed('decoder.max', [artefact], 'decoder.max', thinned)),
    ...(await recomputed('decoder.max', withDead(artefact), 'decoder.max.live', thinned)),
  ];
}

async function onDistinctRows(context: GroupContext, different: ArrayLike<number>): Promise<Recomputed[]> {
  const { id, members } = context.group;
  const thinned = context.with({
    id: `${id}/distinct-rows`,
    members: members.map((m) => onRows(m, different)),
  });
  return [
    ...(await recomputed('activation.max', ['data.distinct-rows'], 'activation.max', thinned)),
    ...(await recomputed('activation.max', withDead('data.distinct-rows'), 'activation.max.live', thinned)),
  ];
}

/** A member with its codes on these of their rows. */
function onRows(member: Member, rows: ArrayLike<number>): Member {
  const { codes, initCodes } = member;
  return {
    ...member,
    ...(codes ? { codes: takeCodeRows(codes, rows) } : {}),
    ...(initCodes ? { initCodes: takeCodeRows(initCodes, rows) } : {}),
  };
}

function withDead(removed: Removable): readonly Removable[] {
  return ['usage.dead-by-firing', removed];
}

/** A headline score without artefacts, as this metric of a changed group; nothing where it cannot be had. */
async function recomputed(
  headline: Headline,
  removed: readonly Removable[],
  metric: MetricId,
  changed: GroupContext,
): Promise<Recomputed[]> {
  const score = await measureMetric(metricOf(metric), changed);
  return score ? [{ headline, removed, measured: score }] : [];
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
