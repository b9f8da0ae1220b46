// What each test of a file reaches of the sources, and how long it takes: found by running it once without a mutant, and kept.
//
// A test that is slower than any that is asked for is ended; it is run anew when slower ones are. One that takes long where no source
// with mutants is at work, as in training, can be ended with the process alone: what is known by then is kept, and another one goes on.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withReach } from './instrument.mjs';
import { Modules, read } from './modules.mjs';
import { importsOf } from './project.mjs';
import { api, collected, run } from './suite.mjs';
import { OutOfTime, watched } from './turns.mjs';

const folder = 'runs/mutants/reach';

let reached = new Uint8Array(0);
let modules;
const firsts = new Map();

/** Counting the reach slows tests down, by less than this. */
const slower = 5;
/** A file is left where its tests are this many times slower, all together, than the slowest test that is asked for. */
const most = 40;

/** The exit code of a process that a test has kept for too long. */
export const kept = 75;

/**
 * { loadMs, load, tests: [{ name, ms, reach }] }: `load` and `reach` are the numbers of sites, by file; or { failed }. Times are of
 * CPU, with what counts the reach. Tests that are slower than `slowest` ms can be without their time.
 */
export async function reachOf(test, instrumented, slowest) {
  const of = contentOf(importsOf(test));
  const file = `${folder}/${test.replaceAll('/', '-')}.json`;
  if (existsSync(file)) {
    const before = JSON.parse(readFileSync(file, 'utf8'));
    if (before.of === of && before.slowest >= slowest) return before;
  }
  mkdirSync(folder, { recursive: true });
  const keep = (found) => writeFileSync(file, JSON.stringify({ of, slowest, ...found }));
  const leave = (found) => {
    keep(found);
    process.exit(kept);
  };
  const found = await measured(test, instrumented, slowest, leave);
  if (!found.failed) keep(found);
  return { of, slowest, ...found };
}

/** @param leave ends the process, with what is known by then */
async function measured(test, instrumented, slowest, leave) {
  prepare(instrumented);
  modules.forget((file) => importsOf(test).has(file));
  // All is compiled once, whichever test comes first, and evaluated for each mutant: that is what loading takes.
  await modules.compile([...importsOf(test)].filter((file) => file.endsWith('.ts')));
  let since = process.cpuUsage();
  const msSince = () => {
    const { user, system } = process.cpuUsage(since);
    since = process.cpuUsage();
    watched(slower * slowest);
    return (user + system) / 1000;
  };
  const began = process.cpuUsage();
  const msAll = () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
  take();
  const suite = await collected(() => modules.import(test));
  const [loadMs, load] = [msSince(), byFile(take())];
  const all = new Map(suite.tests.map((one) => [one, { ms: 0, sites: new Set() }]));
  const soFar = () => [...all].map(([{ name }, { ms, sites }]) => ({ name, ms, reach: byFile(sites) }));
  const start = Date.now();
  const patience = setInterval(() => {
    // Threads that wait for each other on a busy machine use no CPU.
    const waited = Date.now() - start;
    if (Math.max(msAll(), waited / 4) > 2 * most * slowest) leave({ loadMs, load, tests: soFar() });
  }, 1000);
  const after = ({ tests }) => {
    const [ms, sites] = [msSince(), take()];
    for (const one of tests) {
      const known = all.get(one);
      known.ms += ms;
      for (const site of sites) known.sites.add(site);
    }
  };
  const failed = await run(suite, suite.tests, {
    after,
    // A property says what ended it as the cause of its own error.
    forgives: (error) => error instanceof OutOfTime || error?.cause instanceof OutOfTime,
    enough: () => msAll() > most * slowest,
  });
  clearInterval(patience);
  watched(Number.POSITIVE_INFINITY);
  if (failed) return { failed: `${failed.test?.name}: ${failed.cause?.stack ?? failed.cause}` };
  return { loadMs, load, tests: soFar() };
}

function prepare(instrumented) {
  if (modules) return;
  let total = 0;
  for (const [file, { sites }] of instrumented) {
    firsts.set(file, total);
    total += sites.length;
  }
  reached = new Uint8Array(total);
  globalThis.__reach = (site) => {
    reached[site] = 1;
  };
  const sourceOf = (file) =>
    instrumented.has(file) ? withReach(read(file), instrumented.get(file), firsts.get(file)) : read(file);
  modules = new Modules(sourceOf, { vitest: api });
}

/** The numbers of the sites that were reached since the last time. */
function take() {
  const sites = [];
  reached.forEach((was, site) => {
    if (was) sites.push(site);
  });
  reached.fill(0);
  return sites;
}

function byFile(sites) {
  const files = [...firsts];
  const out = {};
  let at = 0;
  for (const site of [...sites].sort((a, b) => a - b)) {
    while (at + 1 < files.length && files[at + 1][1] <= site) at++;
    const [file, first] = files[at];
    out[file] ??= [];
    out[file].push(site - first);
  }
  return out;
}

function contentOf(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}
