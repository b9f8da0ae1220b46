// A headline score with artefacts taken out: measured again without them, over other pairs, or against another null.

import { areCopies, areDependent } from '../evidence/dependent-pairs.js';
import type { Evidence, Headline, Removable } from '../evidence/evidence.js';
import { intervalOf, type MeasuredMetric } from '../metrics/measured.js';
import type { Kept, NullModel } from '../metrics/nulls/model.js';
import { correctForChance, type Null } from '../metrics/nulls/null.js';
import { overKept } from '../metrics/nulls/over-pairs.js';
import { type KnownNull, nullModel } from '../metrics/nulls/registry.js';
import { pairsOf } from '../metrics/pairs/pair-scores.js';
import { mean, sampleSd } from '../stats/summary.js';
import { misfits } from './checks/misfit.js';
import { against } from './judgement.js';
import { memberLeftOut, oddMember } from './odd-member.js';

const bySelection = [
  'seeds.not-applied',
  'data.misfit',
  'members.odd-one-out',
] as const satisfies readonly Removable[];
const byNull = [
  'data.effective-rank',
  'identifiability.width',
  'usage.always-on',
  'training.unfinished',
  'metric.wrong-null',
] as const satisfies readonly Removable[];

/**
 * A headline score without these artefacts, wherever it was measured; undefined where it was not, or where removing one
 * of them does not touch this score. Where only copies were compared, what is left without them is chance.
 */
export function scoreWithout(
  evidence: Evidence,
  headline: Headline,
  removed: readonly Removable[],
): MeasuredMetric | undefined {
  const among = <Id extends Removable>(ids: readonly Id[]) => ids.filter((id) => removed.includes(id));
  // Codes do not know of displacements: that they are still those of the start shows against SAEs before training.
  const unmovedCodes = headline === 'activation.max' ? among(['training.init-drift']) : [];
  const [selection, nulls] = [among(bySelection), [...among(byNull), ...unmovedCodes]];
  const measured = remeasured(
    evidence,
    headline,
    removed.filter((id) => ![...selection, ...nulls].includes(id as never)),
  );
  const selected = measured && (selection.length > 0 ? soundPairs(evidence, measured, selection) : measured);
  return selected && nulls.length > 0 ? renulled(selected, nulls) : selected;
}

/** A headline score as it was measured again without these, or is a metric without them; undefined where it was not. */
export function remeasured(
  evidence: Evidence,
  headline: Headline,
  removed: readonly Removable[],
): MeasuredMetric | undefined {
  const only = removed.length === 1 ? removed[0] : undefined;
  if (removed.length === 0) return evidence.metrics[headline];
  if (only === 'usage.dead-by-firing') return evidence.metrics[`${headline}.live`];
  if (only === 'training.init-drift' && headline === 'decoder.max')
    return evidence.metrics['displacement.max'];
  return evidence.counterfactual.find(
    (c) =>
      c.headline === headline &&
      c.removed.length === removed.length &&
      removed.every((id) => c.removed.includes(id)),
  )?.measured;
}

function soundPairs(
  evidence: Evidence,
  score: MeasuredMetric,
  selection: readonly Removable[],
): MeasuredMetric | undefined {
  const strange = selection.includes('data.misfit') ? misfits(evidence) : [];
  const odd = selection.includes('members.odd-one-out') ? oddMember(evidence)?.id : undefined;
  const copies = selection.includes('seeds.not-applied');
  const kept = overPairs(
    score,
    (a, b) => ![...strange, odd].some((id) => id === a || id === b) && !(copies && areCopies(evidence, a, b)),
  );
  if (kept || !copies || !score.null) return kept;
  const { null: level, interval: _, sd: __, ...rest } = score;
  return {
    ...rest,
    pairs: [],
    n: 0,
    mean: level.mean,
    min: level.mean,
    max: level.mean,
    null: level,
    corrected: 0,
  };
}

/**
 * A score over pairs that can tell something: independent runs that fit the activations, of SAEs that are of one kind. One that stands
 * apart makes an interval so wide that the agreement of all others would be lost in it.
 */
export function overSoundPairs(
  evidence: Evidence,
  score: MeasuredMetric | undefined,
): MeasuredMetric | undefined {
  const strange = misfits(evidence);
  const odd = memberLeftOut(evidence);
  const fitting = (id: string) => !strange.includes(id) && id !== odd;
  return score && overPairs(score, (a, b) => fitting(a) && fitting(b) && !areDependent(evidence, a, b));
}

/**
 * A score over the pairs that are kept. Its null is the same where the widths are; nulls that were measured on these very SAEs
 * are those of the same pairs. The interval is there where all pairs of three SAEs or more are kept. Undefined where none is.
 */
export function overPairs(
  score: MeasuredMetric,
  keep: (a: string, b: string) => boolean,
): MeasuredMetric | undefined {
  const pairs = score.pairs.filter(({ a, b }) => keep(a, b));
  if (pairs.length === score.pairs.length) return score;
  if (pairs.length === 0) return undefined;
  const { interval: _, sd: __, corrected: ___, otherNulls, ...rest } = score;
  const others = otherNulls?.flatMap((level) => overKept(level, keep) ?? []) ?? [];
  const values = pairs.map(({ value }) => value);
  const centre = mean(values);
  const members = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const whole = pairs.length === pairsOf(members.length).length;
  const interval = whole ? intervalOf(score.id, pairs, members) : undefined;
  return {
    ...rest,
    pairs,
    mean: centre,
    ...(values.length > 1 ? { sd: sampleSd(values) } : {}),
    min: Math.min(...values),
    max: Math.max(...values),
    n: pairs.length,
    ...(interval ? { interval } : {}),
    ...(others.length > 0 ? { otherNulls: others } : {}),
    ...correctedFor(centre, score.null),
  };
}

/**
 * The same score against the highest null that keeps what one of the artefacts makes: directions crowded as these are, and
 * the SAEs before training. Undefined where none is above the null that the score has.
 */
function renulled(score: MeasuredMetric, artefacts: readonly Renulled[]): MeasuredMetric | undefined {
  const level = highest(
    score.otherNulls,
    artefacts.map((id) => keptBy[id]),
  );
  if (!level || level.mean <= (score.null?.mean ?? 1)) return undefined;
  return { ...score, null: level, corrected: against(score, level).corrected };
}

type Renulled = (typeof byNull)[number] | 'training.init-drift';

/** What a null has to leave in, so that agreement beyond it is not made by the artefact; `any` of it for the last. */
const keptBy: Record<Renulled, Kept | 'any'> = {
  'data.effective-rank': 'crowding',
  'identifiability.width': 'crowding',
  'usage.always-on': 'data',
  'training.init-drift': 'data',
  'training.unfinished': 'start',
  'metric.wrong-null': 'any',
};

function highest(
  nulls: readonly KnownNull[] | undefined,
  wanted: readonly (Kept | 'any')[],
): KnownNull | undefined {
  const fits = ({ keeps }: NullModel) =>
    keeps.some((kept) => wanted.includes(kept) || wanted.includes('any'));
  const fitting = (nulls ?? []).filter(({ kind, mean }) => fits(nullModel(kind)) && mean < 1);
  return fitting.reduce<KnownNull | undefined>((a, b) => (a && a.mean >= b.mean ? a : b), undefined);
}

function correctedFor(value: number, level: Null | undefined): { corrected?: number } {
  return level && level.mean < 1 ? { corrected: correctForChance(value, level.mean) } : {};
}
