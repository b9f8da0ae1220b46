// Scores of directions by their best match, and of the subspaces that they span, each with its own nulls.

import { type MeasuredMetric, measured } from '../metrics/measured.js';
import type { Member } from '../metrics/metric.js';
import { covarianceMatchedNull } from '../metrics/nulls/covariance-matched.js';
import { ownInitNull } from '../metrics/nulls/own-init.js';
import { randomSubspacesNull } from '../metrics/nulls/random-subspaces.js';
import { decoderMax } from '../metrics/pairs/decoder.js';
import { displacementMax } from '../metrics/pairs/displacement.js';
import { encoderMax } from '../metrics/pairs/encoder.js';
import { subspaceScores } from '../metrics/pairs/subspace.js';
import { dModel } from '../sae/sae.js';
import { liveFeatures } from '../tensor/sparse-codes.js';
import { type Bench, plainScores } from './bench.js';
import { sameFeatures } from './kinship.js';
import { orNull, withSplit } from './remembered.js';

/**
 * `decoder.max` or, with `live`, `decoder.max.live`, its split into live and dead features, and for each pair the share
 * of features whose direction both have.
 */
export async function decoderScores(members: readonly Member[], live: boolean, bench: Bench) {
  const name = live ? 'decoder.max.live' : 'decoder.max';
  const options = { live, ...bench.work };
  const found = await bench.part(name, async () => {
    const scores = await decoderMax(members, bench.kernel, options);
    const split = withSplit(scores, members);
    return split && { ...split, same: scores?.matches.map(sameFeatures) ?? [] };
  });
  if (!found) return undefined;
  const sets = members.map(({ id, sae, codes }) => ({
    id,
    rows: sae.decoder,
    ...(live && codes ? { features: liveFeatures(codes) } : {}),
  }));
  const covariance = await bench.part(`${name}/covariance-matched`, async () =>
    orNull(await covarianceMatchedNull(sets, bench.draw)),
  );
  const ownInit = await bench.part(`${name}/own-init`, async () =>
    orNull(await ownInitNull(members, bench.kernel, options)),
  );
  const more = [covariance, ownInit].filter((level) => level !== null);
  const metric = await bench.againstDirections(found.scores, dModel(members[0].sae), more);
  return { metric, split: found.split, same: found.same };
}

export async function encoderScores(
  members: readonly Member[],
  bench: Bench,
): Promise<MeasuredMetric | undefined> {
  const scores = await bench.part('encoder.max', async () => {
    const found = await encoderMax(members, bench.kernel, bench.work);
    return found ? plainScores(found) : null;
  });
  return scores ? bench.againstDirections(scores, dModel(members[0].sae)) : undefined;
}

export async function displacementScores(
  members: readonly Member[],
  bench: Bench,
): Promise<MeasuredMetric | undefined> {
  const scores = await bench.part('displacement.max', async () => {
    const found = await displacementMax(members, bench.kernel, bench.work);
    return found ? plainScores(found) : null;
  });
  return scores ? bench.againstDirections(scores, dModel(members[0].sae)) : undefined;
}

/** `subspace.R` for every R that can be scored. */
export async function leadingSubspaces(members: readonly Member[], bench: Bench): Promise<MeasuredMetric[]> {
  const d = dModel(members[0].sae);
  const scores = await bench.part('subspace', () => subspaceScores(members, bench.kernel, bench.work));
  return scores.map(({ rank, ...score }) =>
    measured(score, score.members, [randomSubspacesNull(rank, d, members.length)]),
  );
}
