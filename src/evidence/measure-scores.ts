// The metrics of a group, each with its own nulls, and how the headline scores split into live and dead.
import type { MeasuredMetric } from '../metrics/measured.js';
import { type Member, pairsOf } from '../metrics/metric.js';
import type { Matrix } from '../tensor/matrix.js';
import type { Bench } from './bench.js';
import type { Evidence, PairKinship } from './evidence.js';
import { indexAgreement, sameInit } from './kinship.js';
import { activationMetrics, matchedCodes } from './measure-codes.js';
import { decoderScores, displacementScores, encoderScores, leadingSubspaces } from './measure-directions.js';
import { matchedDirections } from './measure-matched.js';

/**
 * Metrics and splits of members whose weights are all finite; empty below two members.
 * @param x [N×d] the activations that their codes are of, where known
 */
export async function measureScores(
  members: readonly Member[],
  x: Matrix | undefined,
  bench: Bench,
): Promise<Pick<Evidence, 'metrics' | 'matching' | 'splits' | 'kinship'>> {
  if (members.length < 2) return { metrics: {}, splits: {} };
  const decoder = await decoderScores(members, false, bench);
  const decoderLive = await decoderScores(members, true, bench);
  const encoder = await encoderScores(members, bench);
  const subspaces = await leadingSubspaces(members, bench);
  const displaced = await displacementScores(members, bench);
  const activation = await activationMetrics('activation', members, x, bench);
  const { metrics: assigned, matching } = await matchedDirections(members, bench);
  const codes = await matchedCodes(members, activation?.matchedNull, bench);
  const all = [
    decoder?.metric,
    decoderLive?.metric,
    ...assigned,
    encoder,
    activation?.all,
    activation?.live,
    codes,
    ...subspaces,
    displaced,
  ].filter((metric): metric is MeasuredMetric => metric !== undefined);
  return {
    metrics: Object.fromEntries(all.map((metric) => [metric.id, metric])),
    ...(matching ? { matching } : {}),
    ...(decoder ? { kinship: kinship(members, decoder.same) } : {}),
    splits: {
      ...(activation?.split ? { 'activation.max': activation.split } : {}),
      ...(decoder?.split ? { 'decoder.max': decoder.split } : {}),
    },
  };
}

/** @param same per pair, the share of features whose direction both have */
function kinship(members: readonly Member[], same: readonly number[]): PairKinship[] {
  return pairsOf(members.length).map(([i, j], pair) => {
    const [a, b] = [members[i], members[j]];
    const start = sameInit(a, b);
    const atIndex = indexAgreement(a.sae, b.sae);
    return {
      a: a.id,
      b: b.id,
      sameFeatures: same[pair],
      ...(start === undefined ? {} : { sameInit: start }),
      ...(atIndex ? { atIndex } : {}),
    };
  });
}
