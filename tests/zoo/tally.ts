// How often the diagnosis of a set of cases is right: over all, per kind and per finding.
import { type FindingId, findingIds } from '../../src/diagnosis/index.js';
import { causeIsRight, missing, type Outcome, verdictIsRight } from './outcome.js';

/** So many right of all. */
export interface Share {
  readonly right: number;
  readonly of: number;
}

export interface Rates {
  /** Cases with one artefact, and with two, whose top cause is right. */
  readonly cause: Share;
  readonly causeOfTwo: Share;
  /** Cases with two artefacts of which both are named. */
  readonly both: Share;
  /** Healthy cases that raise nothing. */
  readonly silent: Share;
  /** Cases whose verdict is right, among those whose truth settles it. */
  readonly verdict: Share;
  /** Findings that must be raised besides the top cause, and are. */
  readonly also: Share;
}

export interface KindTally {
  readonly kind: string;
  readonly expected: readonly FindingId[];
  readonly cause: Share;
  readonly verdict: Share;
  /** Top causes and how often each; `none` where nothing is named, or a healthy case raises nothing. */
  readonly tops: ReadonlyMap<FindingId | 'none', number>;
  readonly verdicts: ReadonlyMap<string, number>;
}

export interface FindingTally {
  readonly id: FindingId;
  /** Cases that are about this finding alone, or that must raise it: in how many it is supported. */
  readonly found: Share;
  /** Cases where it is the top cause: in how many that is right. */
  readonly top: Share;
  /** Healthy cases that raise it: false alarms, of all healthy cases. */
  readonly alarms: Share;
}

export function ratesOf(outcomes: readonly Outcome[]): Rates {
  const two = outcomes.filter(({ truth }) => truth.artefacts === 2);
  const one = outcomes.filter(({ truth }) => !truth.healthy && truth.artefacts !== 2);
  const healthy = outcomes.filter(({ truth }) => truth.healthy);
  const must = outcomes.reduce((sum, { truth }) => sum + (truth.also?.length ?? 0), 0);
  const not = outcomes.reduce((sum, outcome) => sum + missing(outcome).length, 0);
  return {
    cause: share(one, causeIsRight),
    causeOfTwo: share(two, causeIsRight),
    both: share(two, (outcome) => missing(outcome).length === 0),
    silent: share(healthy, causeIsRight),
    verdict: share(
      outcomes.filter(({ truth }) => truth.verdict),
      verdictIsRight,
    ),
    also: { right: must - not, of: must },
  };
}

export function kindTallies(outcomes: readonly Outcome[]): KindTally[] {
  return [...new Set(outcomes.map(({ kind }) => kind))].map((kind) => {
    const own = outcomes.filter((outcome) => outcome.kind === kind);
    return {
      kind,
      expected: own[0].truth.cause ?? [],
      cause: share(own, causeIsRight),
      verdict: share(own, verdictIsRight),
      tops: counts(own.map(namedBy)),
      verdicts: counts(own.map(({ verdict }) => verdict)),
    };
  });
}

export function findingTallies(outcomes: readonly Outcome[]): FindingTally[] {
  const healthy = outcomes.filter(({ truth }) => truth.healthy);
  return findingIds.map((id) => ({
    id,
    found: share(
      outcomes.filter((outcome) => isAbout(outcome, id)),
      ({ found }) => found.includes(id),
    ),
    top: share(
      outcomes.filter((outcome) => namedBy(outcome) === id),
      ({ truth }) => truth.cause?.includes(id) ?? false,
    ),
    alarms: share(healthy, ({ raised }) => raised.includes(id)),
  }));
}

function namedBy({ truth, top, raised }: Outcome): FindingId | 'none' {
  return truth.healthy && raised.length === 0 ? 'none' : (top ?? 'none');
}

function isAbout({ truth }: Outcome, id: FindingId): boolean {
  const only = truth.cause?.length === 1 && truth.cause[0] === id;
  return only || (truth.also?.includes(id) ?? false);
}

function share(of: readonly Outcome[], right: (outcome: Outcome) => boolean): Share {
  return { right: of.filter(right).length, of: of.length };
}

/** The commonest first. */
function counts<T>(values: readonly T[]): Map<T, number> {
  const found = new Map<T, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return new Map([...found].sort((a, b) => b[1] - a[1]));
}
