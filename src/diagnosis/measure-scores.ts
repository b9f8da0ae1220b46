// The metrics of a group, each with its own nulls, and how the headline scores split into live and dead.
import type { MeasuredMetric } from '../nulls/measured.js';
import { measured } from '../nulls/measured.js';
import type { Null } from '../nulls/null.js';
import { ownInitNull } from '../nulls/own-init.js';
import { type RowPermutationNulls, rowPermutationNull } from '../nulls/row-permutation.js';
import { dModel } from '../sae/sae.js';
import { activationScores, codesOf } from '../similarity/activation.js';
import { decoderMax } from '../similarity/decoder.js';
import { displacementMax } from '../similarity/displacement.js';
import { splitByLiveness } from '../similarity/liveness-split.js';
import type { Member } from '../similarity/metric.js';
import type { DetailedScores } from '../similarity/pair-loop.js';
import { type Bench, plainScores } from './bench.js';
import type { Evidence } from './evidence.js';

/** Metrics and splits of members whose weights are all finite; empty below two members. */
export async function measureScores(
  members: readonly Member[],
  bench: Bench,
): Promise<Pick<Evidence, 'metrics' | 'splits'>> {
  if (members.length < 2) return { metrics: {}, splits: {} };
  const decoder = await ofDecoders(members, false, bench);
  const decoderLive = await ofDecoders(members, true, bench);
  const displaced = await ofDisplacements(members, bench);
  const activation = await activationMetrics('activation', members, bench);
  return {
    metrics: {
      ...(decoder ? { 'decoder.max': decoder.metric } : {}),
      ...(decoderLive ? { 'decoder.max.live': decoderLive.metric } : {}),
      ...(activation ? { 'activation.max': activation.all } : {}),
      ...(activation?.live ? { 'activation.max.live': activation.live } : {}),
      ...(displaced ? { 'displacement.max': displaced } : {}),
    },
    splits: {
      ...(activation?.split ? { 'activation.max': activation.split } : {}),
      ...(decoder?.split ? { 'decoder.max': decoder.split } : {}),
    },
  };
}

async function ofDecoders(members: readonly Member[], live: boolean, bench: Bench) {
  const name = live ? 'decoder.max.live' : 'decoder.max';
  const options = { live, ...bench.work };
  const found = await bench.part(name, async () =>
    withSplit(await decoderMax(members, bench.kernel, options), members),
  );
  if (!found) return undefined;
  const ownInit = await bench.part(`${name}/own-init`, async () =>
    orNull(await ownInitNull(members, bench.kernel, options)),
  );
  const more: Null[] = ownInit ? [ownInit] : [];
  const metric = await bench.againstDirections(found.scores, dModel(members[0].sae), more);
  return { metric, split: found.split };
}

async function ofDisplacements(members: readonly Member[], bench: Bench) {
  const scores = await bench.part('displacement.max', async () => {
    const found = await displacementMax(members, bench.kernel, bench.work);
    return found ? plainScores(found) : null;
  });
  return scores ? bench.againstDirections(scores, dModel(members[0].sae)) : undefined;
}

/** Both activation metrics on these codes, and the split; the names of the parts begin with `name`. */
export async function activationMetrics(name: string, members: readonly Member[], bench: Bench) {
  const codes = codesOf(members);
  if (!codes) return undefined;
  const found = await bench.part(`${name}.max`, async () => {
    const scores = await activationScores(codes, bench.kernel, bench.work);
    const all = withSplit(scores?.all, members);
    return all && { ...all, live: scores?.live ? plainScores(scores.live) : null };
  });
  if (!found) return undefined;
  const nulls: RowPermutationNulls | null = await bench.part(`${name}.max/row-permutation`, async () =>
    orNull(await rowPermutationNull(members, bench.draw)),
  );
  const ids = members.map((m) => m.id);
  const live: MeasuredMetric | undefined =
    (found.live && measured(found.live, ids, nulls?.live ? [nulls.live] : [])) || undefined;
  return { all: measured(found.scores, ids, nulls ? [nulls.all] : []), live, split: found.split };
}

/** What is remembered of scores: JSON, so null where there are none. */
function withSplit(scores: DetailedScores | undefined, members: readonly Member[]) {
  if (!scores) return null;
  const split = splitByLiveness(scores, members);
  return { scores: plainScores(scores), ...(split ? { split } : {}) };
}

function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}
