// What is measured on one SAE alone: usage, weights, numerics, fit, and how far its decoder left its start.

import { defined } from '../defined.js';
import { type Firing, firingOf, liveOf, type Member } from '../sae/member.js';
import { dModel, dSae } from '../sae/sae.js';
import { deadByNorm, numerics, weightStatistics } from '../sae/weight-statistics.js';
import { median } from '../stats/summary.js';
import { type Matrix, rowNorms } from '../tensor/matrix.js';
import type { GroupContext } from './context.js';
import { alwaysOn, denseFeatures, meanWritten } from './dense-features.js';
import { duplicatedFeatures } from './duplicated-features.js';
import type { InitEvidence, MemberEvidence } from './evidence.js';
import { initCosines } from './init-cosine.js';
import { type FlatnessOfData, startShape } from './start-shape.js';

/** From this cosine with its start on, a row has not moved: only rounding keeps it from 1. */
const unmoved = 0.999;

/** Decoder rows are out of proportion when they are longer than the first times the median norm, or shorter than the second. */
const giant = 10;
const tiny = 0.01;

const binsPerUnit = 20;

/** `sound`: all weights are finite; of others only what can be counted is measured. */
export async function measureMember(
  member: Member,
  sound: boolean,
  context: GroupContext,
): Promise<MemberEvidence> {
  const { id, sae, fit, ordinary, elsewhere, otherDimensionsFit, training } = member;
  const weights = weightStatistics(sae);
  const base = {
    id,
    features: dSae(sae),
    width: dModel(sae),
    ...(weights ? { weights } : {}),
    numerics: numerics(sae),
    ...(training ? { training } : {}),
  };
  if (!sound) return { ...base, usage: { deadByNorm: deadByNorm(sae.decoder) } };
  const fires = firingOf(member);
  const live = liveOf(member);
  const firing = fires &&
    live && {
      live: live.length,
      deadByFiring: dSae(sae) - live.length,
      alwaysOn: count(alwaysOn(fires)),
    };
  const { mean } = context.group;
  const written = mean && meanWritten(member, mean);
  const init = initEvidence(member, live);
  const parallel = await duplicatedFeatures(member, context);
  return {
    ...base,
    usage: { ...firing, deadByNorm: deadByNorm(sae.decoder) },
    parallelFeatures: parallel.count,
    repeatedFeatures: parallel.repeated.length,
    ...oddSizes(sae.decoder),
    encoderLeading: await context.part(`encoder-leading/${id}`, () => leadingShare(sae.encoder, context)),
    ...(fit ? { fit } : {}),
    ...defined({ meanWritten: written }),
    ...(fires ? { denseFeatures: count(denseFeatures(fires)) } : {}),
    ...(ordinary?.fit ? { ordinaryFit: ordinary.fit } : {}),
    ...(elsewhere?.fit ? { elsewhereFit: elsewhere.fit } : {}),
    ...(otherDimensionsFit ? { otherDimensionsFit } : {}),
    ...(fires && elsewhere
      ? { placeFeatures: placeFeatures(ordinary?.firing ?? fires, elsewhere.firing) }
      : {}),
    ...(init ? { init } : {}),
    ...(member.init ? {} : { start: startShape(sae, live, flatness(member, context)) }),
  };
}

/** Undefined where it writes something else than the group's activations, or fires on none of them. */
function flatness({ sae, codes, activations }: Member, { group }: GroupContext): FlatnessOfData | undefined {
  const { kurtosis } = group;
  if (kurtosis === undefined || !codes || activations || sae.transcoder) return undefined;
  return { kurtosis, active: codes.indices.length / Math.max(1, codes.rows) };
}

/** A feature is about the rows that are set apart when at least this share of its firing is on them. */
const nearlyOnly = 0.9;

/** How many features fire on rows that are set apart, and hardly on others. */
function placeFeatures({ counts }: Firing, { counts: others }: Firing): number {
  return counts.filter((n, i) => n > 0 && n - others[i] >= nearlyOnly * n).length;
}

function count(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}

/** Against the other rows of the same SAE: the length of all of them is a convention. */
function oddSizes(decoder: Matrix): { tinyFeatures: number; giantFeatures: number } {
  const norms = rowNorms(decoder).filter((norm) => norm > 0);
  const usual = median(norms);
  return {
    tinyFeatures: norms.filter((norm) => norm < tiny * usual).length,
    giantFeatures: norms.filter((norm) => norm > giant * usual).length,
  };
}

/** σ₁²/F of the unit rows: 1 where all point along one line. 0 of rows without a direction. */
function leadingShare(rows: Matrix, context: GroupContext): Promise<number> {
  return withUnit(rows, context, async (unit) => {
    if (unit.rows === 0) return 0;
    const { values } = await context.kernel.topSubspace(unit, 1, context.work);
    return values[0] ** 2 / unit.rows;
  });
}

function withUnit<T>(
  rows: Matrix,
  { units }: GroupContext,
  measure: (unit: Matrix) => Promise<T>,
): Promise<T> {
  return units.use([units.directed(rows)], ([unit]) => measure(unit));
}

function initEvidence(member: Member, live: Int32Array | undefined): InitEvidence | undefined {
  const known = initCosines(member);
  if (!known || known.cosines.length === 0) return undefined;
  const { features, cosines } = known;
  const base = {
    cosineMedian: median(cosines),
    unmoved: cosines.filter((cosine) => cosine >= unmoved).length,
  };
  if (!live) return base;
  const fires = new Set(live);
  const ofLive = cosines.filter((_, i) => fires.has(features[i]));
  const ofDead = cosines.filter((_, i) => !fires.has(features[i]));
  return {
    ...base,
    ...(ofLive.length > 0 ? { cosineMedianLive: median(ofLive) } : {}),
    ...(ofDead.length > 0 ? { cosineMedianDead: median(ofDead) } : {}),
    cosineHistogram: {
      edges: Array.from({ length: 2 * binsPerUnit + 1 }, (_, i) => (i - binsPerUnit) / binsPerUnit),
      live: histogram(ofLive),
      dead: histogram(ofDead),
    },
  };
}

/** Counts of cosines in bins of 0.05 on [−1, 1]; the last bin holds 1. */
function histogram(cosines: Float64Array): number[] {
  const counts = new Array<number>(2 * binsPerUnit).fill(0);
  for (const cosine of cosines) {
    counts[Math.min(counts.length - 1, Math.floor((cosine + 1) * binsPerUnit))]++;
  }
  return counts;
}
