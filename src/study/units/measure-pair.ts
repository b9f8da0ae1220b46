// Measures two SAEs apart from their group, so that measuring the group finds every slow call of the kernel kept.
//
// The same code measures a pair and a group: what the kernel is asked, and under which name its answer is kept, depends on the two
// SAEs alone.
import { asMember, type SaeToMeasure } from '../../compare/measure-group.js';
import { type ExamineOptions, GroupContext, startMeasuring } from '../../evidence/context.js';
import { type Group, prepareGroup, soundMembers } from '../../evidence/prepare.js';
import { featureStability } from '../../features/feature-stability.js';
import { hashArrays } from '../../keep.js';
import { assignedDecoders } from '../../metrics/pairs/matched.js';
import { type MetricId, metricOf } from '../../metrics/registry.js';
import type { Member } from '../../sae/member.js';
import { hashOf } from '../hash-of.js';

export interface PairInGroup extends Pick<Group, 'x' | 'targets' | 'file'> {
  readonly id: string;
  readonly saes: readonly [SaeToMeasure, SaeToMeasure];
}

/**
 * Hashes of the scores, by measure: an id of a metric, or `features`. Empty where an SAE is left out of all scores.
 * @throws as measuring the group
 */
export async function measurePair(
  pair: PairInGroup,
  measures: readonly string[],
  options: ExamineOptions,
): Promise<Record<string, string>> {
  const measuring = startMeasuring(options);
  const members = soundMembers(pair.saes.map(asMember));
  if (members.length < 2) return {};
  const plain = new GroupContext({ id: pair.id, members }, measuring);
  let encoding: Promise<GroupContext> | undefined;
  const withCodes = () => {
    encoding ??= encoded(pair, members, measuring);
    return encoding;
  };
  const made: Record<string, string> = {};
  for (const [at, measure] of measures.entries()) {
    options.onProgress?.(measure, at / measures.length);
    if (measure === 'features') {
      made[measure] = await hashOfFeatures(members, plain, options);
      continue;
    }
    const metric = metricOf(measure as MetricId);
    const scores = await metric.measure(metric.needs.includes('codes') ? await withCodes() : plain);
    made[measure] = hashOf(scores?.pairs.map(({ value, aToB, bToA }) => [value, aToB, bToA]) ?? null);
  }
  return made;
}

/** Without weights before training: their codes serve nulls, which are measured of the whole group. */
async function encoded(
  { id, x, targets, file }: PairInGroup,
  members: readonly Member[],
  measuring: ReturnType<typeof startMeasuring>,
): Promise<GroupContext> {
  const trained = members.map(({ init: _, ...member }) => member);
  const { sound } = await prepareGroup({ id, members: trained, x, targets, file }, measuring);
  return new GroupContext({ id, members: sound }, measuring);
}

async function hashOfFeatures(
  members: readonly Member[],
  context: GroupContext,
  { keep, signal }: ExamineOptions,
): Promise<string> {
  const assignments = await assignedDecoders(context, false);
  const found = await featureStability(members, context.kernel, {
    units: context.units,
    ...(assignments ? { assignments } : {}),
    ...(keep ? { keep } : {}),
    ...(signal ? { signal } : {}),
  });
  const arrays = found?.matches.flatMap((table) =>
    Object.values(table).filter((value): value is Float64Array => ArrayBuffer.isView(value)),
  );
  return arrays ? hashArrays(arrays) : hashOf(null);
}
