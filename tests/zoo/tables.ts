// The tables of the zoo as Markdown: the rates, the confusion matrix, and how often each finding is right.
import type { FindingId } from '../../src/diagnosis/index.js';
import type { Outcome } from './outcome.js';
import { findingTallies, type KindTally, kindTallies, type Rates, ratesOf, type Share } from './tally.js';

const thresholdSeeds = 'even seeds: thresholds were chosen on these';
const reportedSeeds = 'odd seeds: reported';

/** The seeds that thresholds may be chosen on, and those that are reported. */
export function halves(outcomes: readonly Outcome[]): { chosenOn: Outcome[]; reported: Outcome[] } {
  return {
    chosenOn: outcomes.filter(({ seed }) => seed % 2 === 0),
    reported: outcomes.filter(({ seed }) => seed % 2 === 1),
  };
}

export function ratesTable(outcomes: readonly Outcome[]): string {
  const { chosenOn, reported } = halves(outcomes);
  const line = (name: string, of: readonly Outcome[]) => {
    const rates: Rates = ratesOf(of);
    const { cause, causeOfTwo, both, silent, also, verdict } = rates;
    return [name, of.length, ...[cause, causeOfTwo, both, silent, also, verdict].map(percent)];
  };
  return table(
    [
      'seeds',
      'cases',
      'one artefact: top cause right',
      'two: top cause right',
      'two: both named',
      'healthy and silent',
      'other findings that must be there',
      'verdict right',
    ],
    [line(reportedSeeds, reported), line(thresholdSeeds, chosenOn)],
  );
}

/** One row a kind: what is right, and what was named how often. */
export function confusionTable(outcomes: readonly Outcome[]): string {
  return table(
    ['kind', 'right top cause', 'named, times', 'right', 'verdicts, times', 'right'],
    kindTallies(outcomes).map(({ kind, expected, tops, cause, verdicts, verdict }) => [
      kind,
      expected.length > 0 ? expected.map(code).join(' or ') : 'none',
      times([...tops].map(([id, n]) => [id === 'none' ? id : code(id), n])),
      percent(cause),
      times([...verdicts]),
      percent(verdict),
    ]),
  );
}

/** The tallies that a table of `confusionTable` was made from, as far as it has them. */
export function readConfusionTable(text: string): Pick<KindTally, 'kind' | 'expected' | 'tops' | 'cause'>[] {
  const [, , ...rows] = text.trim().split('\n');
  return rows.map((row) => {
    const [kind, expected, tops, cause] = row.slice(2, -2).split(' | ');
    const [, right, of] = /\((\d+)\/(\d+)\)/.exec(cause)!;
    const named = [...tops.matchAll(/`?([\w.-]+)`? (\d+)/g)];
    return {
      kind,
      expected: [...expected.matchAll(/`([^`]+)`/g)].map(([, id]) => id as FindingId),
      tops: new Map(named.map(([, id, n]) => [id as FindingId | 'none', Number(n)])),
      cause: { right: Number(right), of: Number(of) },
    };
  });
}

export function findingTable(outcomes: readonly Outcome[]): string {
  return table(
    [
      'finding',
      'found where it is there',
      'right where it is the top cause',
      'false alarms in healthy cases',
    ],
    findingTallies(outcomes).map(({ id, found, top, alarms }) => [
      code(id),
      ...[found, top, alarms].map(fraction),
    ]),
  );
}

function times(counted: readonly (readonly [string, number])[]): string {
  return counted.map(([name, n]) => `${name} ${n}`).join(', ');
}

function percent({ right, of }: Share): string {
  return of === 0 ? '–' : `${((100 * right) / of).toFixed(1).replace('.0', '')} % (${right}/${of})`;
}

function fraction({ right, of }: Share): string {
  return of === 0 ? '–' : `${right} of ${of}`;
}

function code(id: string): string {
  return `\`${id}\``;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
