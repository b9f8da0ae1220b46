// The scores of a group: every metric with its nulls, how the headlines split into live and dead, and which pairs are not independent.
import { defined } from '../defined.js';
import { bestDecoders } from '../metrics/decoder-max.js';
import { coFiringScores } from '../metrics/pairs/activation.js';
import { assignedDecoders } from '../metrics/pairs/matched.js';
import { pairsOf } from '../metrics/pairs/pair-scores.js';
import { metricOf, metrics } from '../metrics/registry.js';
import { sideBySide, together } from '../side-by-side.js';
import type { GroupContext } from './context.js';
import { indexAgreement, sameFeatures, sameInit } from './copies-and-starts.js';
import type { Evidence, PairDependence } from './evidence.js';
import { splitByLiveness } from './liveness-split.js';
import { measureMetric } from './measure-metrics.js';
import { splittingOf } from './splitting.js';

/** Metrics and splits of members whose weights are all finite; empty below two members. */
export async function measureScores(
  context: GroupContext,
): Promise<Pick<Evidence, 'metrics' | 'matching' | 'splits' | 'dependence' | 'splitting'>> {
  const { members } = context;
  if (members.length < 2) return { metrics: {}, splits: {} };
  const [measured, dependence] = await together(
    sideBySide(metrics, context.lanes, ({ id }) => measureMetric(metricOf(id), context)),
    pairDependence(context),
  );
  const found = measured.filter((metric) => metric !== undefined);
  // Known by now: the metrics rest on them.
  const decoders = await bestDecoders(context, false);
  const codes = await coFiringScores(context);
  const assigned = await assignedDecoders(context, false);
  const ofDecoders = decoders && splitByLiveness(decoders, members);
  const ofCodes = codes && splitByLiveness(codes.all, members);
  const splitting = decoders?.matches.flatMap((pair) => splittingOf(pair) ?? []) ?? [];
  return {
    metrics: Object.fromEntries(found.map((metric) => [metric.id, metric])),
    ...(assigned ? { matching: assigned.matches } : {}),
    ...(dependence ? { dependence } : {}),
    ...(splitting.length > 0 ? { splitting } : {}),
    splits: {
      ...(ofCodes ? { 'activation.max': ofCodes } : {}),
      ...(ofDecoders ? { 'decoder.max': ofDecoders } : {}),
    },
  };
}

/** Undefined where decoders cannot be compared. */
async function pairDependence(context: GroupContext): Promise<PairDependence[] | undefined> {
  const { members } = context;
  const decoders = await bestDecoders(context, false);
  if (!decoders) return undefined;
  const same = decoders.matches.map(sameFeatures);
  return context.part('dependence', async () =>
    pairsOf(members.length).map(([i, j], pair) => {
      const [a, b] = [members[i], members[j]];
      const start = sameInit(a, b);
      const atIndex = indexAgreement(a.sae, b.sae);
      return {
        a: a.id,
        b: b.id,
        sameFeatures: same[pair],
        ...defined({ sameInit: start }),
        ...(atIndex ? { atIndex } : {}),
      };
    }),
  );
}
