// Holds published claims against the results: is the number found again, and is what it was taken to say true?
import { defined } from '../defined.js';
import type { FindingId } from '../diagnosis/checks/registry.js';
import type { ClaimResult, GroupResult, Results, SaeResult } from '../results/results.js';
import { mean, sampleSd } from '../stats/summary.js';
import type { Claim, Measure } from './config.js';

/**
 * Verdict of every claim, in order. In a run that was shortened, a number that differs from the published one
 * proves nothing: such a claim is inconclusive.
 */
export function judgeClaims(
  claims: readonly Claim[],
  results: Pick<Results, 'groups' | 'saes'>,
  shortened = false,
): ClaimResult[] {
  return claims.map((claim) => judgeClaim(claim, results, shortened));
}

function judgeClaim(
  claim: Claim,
  results: Pick<Results, 'groups' | 'saes'>,
  shortened: boolean,
): ClaimResult {
  const { id, text, published, tolerance, measure } = claim;
  const group = results.groups.find((g) => g.id === measure.group);
  const measured = group && measureIn(group, results.saes, measure);
  const known = {
    id,
    text,
    published,
    group: measure.group,
    ...defined({ tolerance }),
  };
  if (group === undefined || measured === undefined) return { ...known, verdict: 'inconclusive' };
  const holds = numberHolds(claim, measured);
  const against = supportedIn(group, claim.refutedBy ?? []);
  return {
    ...known,
    measured,
    verdict: verdictOf(holds, against.length > 0, shortened),
    ...(typeof published === 'number' ? { reproduced: holds } : {}),
    ...(typeof published === 'string' ? { bound: boundOf(claim) } : {}),
    ...(!holds && shortened ? { shortened: true } : against.length > 0 ? { refutedBy: against } : {}),
  };
}

function boundOf({ measure, atLeast, atMost }: Claim): NonNullable<ClaimResult['bound']> {
  return {
    ...quantityOf(measure),
    ...defined({ atLeast, atMost }),
  };
}

function quantityOf(measure: Measure): { of: string; statistic: string } {
  if ('sae' in measure) return { of: measure.sae, statistic: measure.statistic };
  return { of: measure.metric, statistic: 'pair' in measure ? 'pair' : measure.statistic };
}

function verdictOf(holds: boolean, contradicted: boolean, shortened: boolean): ClaimResult['verdict'] {
  if (!holds && shortened) return 'inconclusive';
  return holds && !contradicted ? 'supported' : 'refuted';
}

function numberHolds({ published, tolerance = 0, atLeast, atMost }: Claim, measured: number): boolean {
  if (typeof published === 'number' && Math.abs(measured - published) > tolerance) return false;
  return !(atLeast !== undefined && measured < atLeast) && !(atMost !== undefined && measured > atMost);
}

function supportedIn(group: GroupResult, ids: readonly FindingId[]): FindingId[] {
  return group.findings.flatMap(({ id, verdict }) =>
    verdict === 'supported' && ids.includes(id) ? [id] : [],
  );
}

/** The measured number, or undefined where the results do not hold it. */
function measureIn(group: GroupResult, saes: readonly SaeResult[], measure: Measure): number | undefined {
  const members = saes.filter(({ id }) => group.saes.includes(id));
  if ('sae' in measure) return overSaes(members, measure);
  const metric = group.metrics[measure.metric];
  if (!metric) return undefined;
  if (!('pair' in measure))
    return measure.statistic === 'null' ? metric.null?.mean : metric[measure.statistic];
  const [a, b] = measure.pair.map((seed) => members.find(({ initSeed }) => initSeed === seed)?.id);
  return metric.pairs.find((p) => (p.a === a && p.b === b) || (p.a === b && p.b === a))?.value;
}

function overSaes(
  members: readonly SaeResult[],
  { sae: path, seed, statistic, per }: Extract<Measure, { sae: string }>,
): number | undefined {
  const values: number[] = [];
  for (const member of members) {
    if (seed !== undefined && member.initSeed !== seed) continue;
    const value = path
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], member);
    if (typeof value === 'number') values.push(per ? value / member[per] : value);
  }
  if (values.length === 0) return undefined;
  switch (statistic) {
    case 'mean':
      return mean(values);
    case 'sd':
      return values.length > 1 ? sampleSd(values) : undefined;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'sum':
      return values.reduce((sum, v) => sum + v, 0);
  }
}
