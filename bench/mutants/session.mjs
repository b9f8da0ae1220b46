// One process that tries mutants: each is compiled into its source, and the tests that reach it are run until one fails.
//
// Tests that import the source themselves come first, for all mutants; then all quick ones for those that live on, then slower
// ones; and each time those first that have killed mutants of the same file. What comes out is written to a log, entry by entry.
import { appendFileSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { instrument, withMutant } from './instrument.mjs';
import { Modules, read } from './modules.mjs';
import { reachOf } from './reach.mjs';
import { api, collected, run } from './suite.mjs';
import { watched } from './turns.mjs';

const { log, pending, above, sources, slowest, near } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** Which tests are tried, and how many milliseconds one of them may take without a mutant. */
const rounds = [
  ['near', near ? 1e12 : 500],
  ['all', 250],
  ['all', 2500],
  ['all', 1e12],
]
  .slice(0, near ? 1 : undefined)
  .map(([which, ms]) => ({ which, most: Math.min(ms, slowest) }));
/** A mutant may take this many times the CPU time that the tests take without it, and this much more. */
const patience = { times: 4, ms: 500 };
/** Where it comes back to no loop of ours, the process is ended. */
const lastPatience = { times: 10, ms: 10_000 };

fc.configureGlobal({ endOnFailure: true, seed: 1 });

let stray;
for (const kind of ['unhandledRejection', 'uncaughtException'])
  process.on(kind, (error) => {
    stray = error ?? new Error(kind);
  });

const note = (entry) => appendFileSync(log, `${JSON.stringify(entry)}\n`);
const instrumented = new Map(sources.map((file) => [file, instrument(file, read(file))]));
const plain = { start: -1, end: -1, text: '' };
const sourceWith = (file, mutant) => withMutant(read(file), instrumented.get(file), mutant);
const modules = new Modules((file) => (instrumented.has(file) ? sourceWith(file, plain) : read(file)), {
  vitest: api,
});

const known = new Map();
const kills = new Map();
let tries = 0;
const sound = new Set();
const alive = new Set(pending);
for (const [round, { which, most }] of rounds.entries()) {
  for (const one of alive) {
    for (const { test, chosen, ms } of await testsOf(one, one[which], most)) {
      const been = `${test} ${round}`;
      if (one.been.includes(been)) continue;
      note({ start: one.key, test: been, limit: lastPatience.times * ms + lastPatience.ms });
      const failed = await tried(one, test, chosen, ms);
      if (failed) kills.set(`${one.file} ${test}`, killsOf(one, test) + 1);
      tries++;
      note({ done: one.key, test: been, ...(failed ? { failed } : {}) });
      if (!failed) continue;
      alive.delete(one);
      break;
    }
  }
}
const { user, system } = process.cpuUsage();
note({ tries, cpuMs: Math.round((user + system) / 1000) });
process.exit(0);

/** The tests that reach a mutant, by file: of those that take no longer, the ones most worth trying first. */
async function testsOf(one, tests, most) {
  const found = [];
  for (const test of tests) {
    const { loadMs, load, tests: all } = await reach(test, most);
    const reaches = (reached) => reached[one.file]?.includes(one.site);
    const chosen = all.flatMap(({ ms, reach }, i) =>
      loadMs + ms <= most && (reaches(load) || reaches(reach)) ? [i] : [],
    );
    const ms = chosen.reduce((sum, i) => sum + all[i].ms, loadMs);
    if (chosen.length > 0) found.push({ test, chosen, ms, worth: (1 + killsOf(one, test)) / (1 + ms) });
  }
  return found.sort((a, b) => b.worth - a.worth);
}

async function reach(test, most) {
  const before = known.get(test);
  if (before?.slowest >= most) return before;
  note({ reach: test });
  const { failed, ...found } = await reachOf(test, instrumented, most);
  if (failed) {
    note({ broken: test, test: failed });
    process.exit(1);
  }
  known.set(test, found);
  return found;
}

function killsOf({ file }, test) {
  return kills.get(`${file} ${test}`) ?? 0;
}

async function tried(one, test, chosen, ms) {
  await modules.replace(one.file, sourceWith(one.file, one));
  const failed = await runTests(one, test, chosen, patience.times * ms + patience.ms);
  await modules.replace(one.file);
  if (failed === undefined) return undefined;
  const name = `${test}: ${failed.test?.name ?? 'the file'}`;
  const cause = String(failed.cause?.message ?? failed.cause).slice(0, 120);
  if (!sound.has(name)) {
    const alone = await runTests(one, test, chosen, Number.POSITIVE_INFINITY);
    if (alone) {
      note({ broken: `${test} (${chosen})`, test: `${name}: ${alone.cause?.message}` });
      process.exit(1);
    }
    sound.add(name);
  }
  return `${name}: ${cause}`;
}

async function runTests(one, test, chosen, limit) {
  forget(one, test);
  stray = undefined;
  watched(limit);
  try {
    const suite = await collected(() => modules.import(test));
    const failed = await run(
      suite,
      suite.tests.filter((_, i) => chosen.includes(i)),
    );
    return failed ?? (stray ? { cause: stray } : undefined);
  } catch (cause) {
    return { cause };
  } finally {
    watched(Number.POSITIVE_INFINITY);
    // The mutant must not be there any more when the next one is of another file.
    forget(one, test);
  }
}

function forget({ file: changed }, test) {
  const anew = new Set(above[changed]);
  modules.forget((file) => anew.has(file) || file === test);
}
