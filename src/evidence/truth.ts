// What a group of SAEs found of the true features of its worlds, beside what as many random directions would.

import type { Metric } from '../metrics/metric.js';
import { correctForChance, type Null } from '../metrics/nulls/null.js';
import type { KnownNull } from '../metrics/nulls/registry.js';
import { pairsOf } from '../metrics/pairs/pair-scores.js';
import { metricOf } from '../metrics/registry.js';
import type { Member } from '../sae/member.js';
import { dModel } from '../sae/sae.js';
import { mean } from '../stats/summary.js';
import type { Matrix } from '../tensor/matrix.js';
import { rowNorms } from '../tensor/matrix.js';
import { type ExamineOptions, GroupContext, startMeasuring } from './context.js';
import { groundTruth, recovered, recoveredByBoth } from './ground-truth.js';
import { soundMembers } from './prepare.js';

/** The worlds that the SAEs of a group read. */
export interface KnownTruth {
  /** By id of the SAE: its world's true features [n×d], n the same for all. */
  readonly dictionaries: ReadonlyMap<string, Matrix>;
  /** The first so many are the same in every world. */
  readonly shared: number;
}

export interface MemberTruth {
  readonly id: string;
  /** GT-match: mean signed cosine with the true features, one to one. */
  readonly match: number;
  readonly null: KnownNull;
  /** (match − null)/(1 − null) */
  readonly corrected: number;
  /** Share of the true features whose partner has a cosine of at least 0.7, and of at least 0.9. */
  readonly recovered07: number;
  readonly recovered09: number;
}

export interface TruthEvidence {
  /** n */
  readonly features: number;
  readonly shared: number;
  /** SAEs whose weights are finite and have a direction. */
  readonly members: readonly MemberTruth[];
  /** Mean over pairs of the share of true features that both worlds have and both SAEs recovered; absent below two. */
  readonly both07?: number;
  readonly both09?: number;
}

/**
 * Undefined where no SAE can be matched.
 * @throws input.shape when a dictionary is missing or of another width than its SAE
 */
export async function measureTruth(
  group: string,
  all: readonly Member[],
  { dictionaries, shared }: KnownTruth,
  options: ExamineOptions,
): Promise<TruthEvidence | undefined> {
  const members = soundMembers(all);
  const context = new GroupContext({ id: group, members }, startMeasuring(options));
  const truths = members.flatMap(({ id }) => dictionaries.get(id) ?? []);
  const found = await context.part('truth', () => groundTruth(members, truths, context.kernel, context.work));
  const matches = found.filter((match) => match !== undefined);
  if (matches.length === 0) return undefined;
  const features = matches[0].cosines.length;
  const measured: MemberTruth[] = [];
  for (const match of matches) {
    const { sae } = members.find(({ id }) => id === match.id)!;
    const rows = rowNorms(sae.decoder).filter((norm) => norm > 0).length;
    const level = await chanceOf([rows, features], dModel(sae), context);
    measured.push({
      id: match.id,
      match: match.match,
      null: level as KnownNull,
      corrected: correctForChance(match.match, level.mean),
      recovered07: recovered(match, 0.7),
      recovered09: recovered(match, 0.9),
    });
  }
  const pairs = pairsOf(matches.length);
  const both = (threshold: number) =>
    mean(pairs.map(([i, j]) => recoveredByBoth(matches[i], matches[j], shared, threshold)));
  return {
    features,
    shared,
    members: measured,
    ...(pairs.length > 0 ? { both07: both(0.7), both09: both(0.9) } : {}),
  };
}

/** What as many random directions would give, matched one to one. */
function chanceOf(widths: readonly number[], d: number, context: GroupContext): Promise<Null> {
  const { name, level } = metricOf('decoder.matched').chance as NonNullable<Metric['chance']>;
  const sorted = [...widths].sort((a, b) => a - b);
  return context.ofShape([name, metricOf('decoder.matched').version, d, ...sorted], () =>
    level(sorted, d, context.draw),
  );
}
