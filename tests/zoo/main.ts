// The zoo as a program: chooses cases, runs them, prints the tables, and writes them where they are wanted.
import { readFile, writeFile } from 'node:fs/promises';
import { kinds } from './kinds.js';
import { causeIsRight, missing, type Outcome, verdictIsRight } from './outcome.js';
import { matrixFigure } from './picture.js';
import { runZoo } from './run.js';
import { confusionTable, findingTable, halves, ratesTable } from './tables.js';
import { kindTallies } from './tally.js';

export interface ZooOptions {
  /** Kinds by name, or by what their names begin with; all where absent. */
  readonly kind?: string | undefined;
  /** As `10-19` or `1,3,5`. */
  readonly seeds: string;
  readonly threads: number;
  /** Files of outcomes, with commas between them, that are taken instead of running anything. */
  readonly from?: string | undefined;
  /** File for the outcomes as JSON. */
  readonly json?: string | undefined;
  /** The page whose tables are to be replaced, and the file for its picture. */
  readonly docs?: { readonly page: string; readonly picture: string };
}

/** @throws Error where there is no such kind, or seeds can't be read */
export async function zoo({ kind, seeds, threads, from, json, docs }: ZooOptions): Promise<void> {
  const chosen = kinds.filter(({ name }) => !kind || kind.split(',').some((start) => name.startsWith(start)));
  if (chosen.length === 0)
    throw new Error(`no kind begins with ${kind}; there is ${kinds.map((k) => k.name).join(', ')}`);
  const numbers = seedsOf(seeds);
  const all = chosen.length * numbers.length;
  const outcomes = from
    ? await readOutcomes(from)
    : await runZoo({
        kinds: chosen,
        seeds: numbers,
        threads,
        onCase: (outcome, done) => show(outcome, done, all),
      });
  // Where both halves were run, the matrix is of the half that no threshold was chosen on.
  const { reported } = halves(outcomes);
  const shown = reported.length > 0 ? reported : outcomes;
  const tables = {
    rates: ratesTable(outcomes),
    confusion: confusionTable(shown),
    findings: findingTable(shown),
  };
  for (const text of Object.values(tables)) process.stdout.write(`${text}\n\n`);
  if (json) await writeFile(json, `${JSON.stringify(outcomes, null, 2)}\n`);
  if (docs) {
    await writeFile(docs.picture, `${matrixFigure(kindTallies(shown))}\n`);
    await writeFile(docs.page, filled(await readFile(docs.page, 'utf8'), tables));
  }
}

/** Of runs that were shared out, as of seeds, in the order of the kinds. */
async function readOutcomes(files: string): Promise<Outcome[]> {
  const parts = await Promise.all(
    files.split(',').map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Outcome[]),
  );
  const place = new Map(kinds.map(({ name }, i) => [name, i]));
  return parts.flat().sort((a, b) => (place.get(a.kind) ?? 0) - (place.get(b.kind) ?? 0) || a.seed - b.seed);
}

function seedsOf(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined) throw new Error(`seeds are numbers or ranges such as 10-19, not ${part}`);
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
  });
}

/** One line for each case that is wrong; a count now and then. */
function show(outcome: Outcome, done: number, all: number): void {
  const { kind, seed, truth, top = 'none', raised, verdict } = outcome;
  const lacks = missing(outcome);
  if (!causeIsRight(outcome) || !verdictIsRight(outcome) || lacks.length > 0) {
    const expected = truth.healthy ? 'nothing' : (truth.cause ?? []).join(' or ');
    process.stderr.write(
      `${kind} ${seed}: named ${top}, raised ${raised.join(' ') || 'nothing'}, ${verdict}; ` +
        `true is ${expected}${lacks.length > 0 ? ` with ${lacks.join(' ')}` : ''}` +
        `${truth.verdict ? `, ${truth.verdict.join(' or ')}` : ''}\n`,
    );
  }
  if (done % 50 === 0 || done === all) process.stderr.write(`${done} of ${all} cases\n`);
}

/** The page with what stands between `<!-- zoo:NAME -->` and `<!-- /zoo:NAME -->` replaced. */
function filled(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, content]) => {
    const between = new RegExp(`(<!-- zoo:${name} -->\n)[\\s\\S]*?(<!-- /zoo:${name} -->)`);
    if (!between.test(text)) throw new Error(`the page has no place for zoo:${name}`);
    return text.replace(between, (_, start: string, end: string) => `${start}${content}\n${end}`);
  }, page);
}
