// What the tests would not notice: changes the sources that decide, one place at a time, and looks whether a test fails.
//
//   npm run mutants                              src/diagnosis, src/stats, src/metrics, src/evidence
//   npm run mutants -- src/stats                 a folder; or a file, as src/diagnosis/cause.ts
//   npm run mutants -- --sample 200 --seed 2     that many of each folder, drawn at random
//   npm run mutants -- --resume                  goes on where the last run was stopped
//   npm run mutants -- --survivors               tries those again that lived on in the last run, after tests were added
//   npm run mutants -- --slowest 250             leaves out tests that take longer, in ms
//   npm run mutants -- --near                    tries only tests that import the source themselves, where there are any
//
// Survivors that no test can kill stand in bench/mutants/accepted.yaml, each with the reason. Fails below 90 % in a folder.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { report } from './mutants/accepted.mjs';
import { instrument } from './mutants/instrument.mjs';
import { Progress } from './mutants/progress.mjs';
import { drawn, folders, isBuilt, markBuilt, sourcesOf, testsFor } from './mutants/project.mjs';
import { kept } from './mutants/reach.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    resume: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    slowest: { type: 'string', default: '1e12' },
    near: { type: 'boolean', default: false },
  },
});
const asked = positionals.length > 0 ? positionals : folders;
const out = `runs/mutants${asked.length === 1 ? `/${asked[0].replaceAll('/', '-')}` : ''}`;
const [job, log] = [`${out}/job.json`, `${out}/log.jsonl`];

const sources = folders.flatMap(sourcesOf);
const all = asked.flatMap(sourcesOf).flatMap((file) => instrument(file, readFileSync(file, 'utf8')).mutants);
const chosen = options.sample ? drawn(all, Number(options.sample), options.seed) : all;
const { tests, above } = testsFor(sources);

mkdirSync(out, { recursive: true });
const progress = new Progress(log, options.resume || options.survivors);
if (options.survivors) progress.forgetSurvivors();
if (!isBuilt()) build();
await untilDone();
process.exitCode = report(asked, chosen, progress) ? 0 : 1;

/** Worker threads run from dist. */
function build() {
  if (spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' }).status !== 0)
    process.exit(1);
  markBuilt();
}

/** Runs sessions until every mutant has been through its tests; one that hangs is ended, and its mutant with it. */
async function untilDone() {
  for (let ended = 'cut'; ended === 'cut'; ) {
    const pending = chosen.filter(({ key }) => !progress.killed(key)).flatMap(stillToTry);
    if (pending.length === 0) return;
    const slowest = Number(options.slowest);
    writeFileSync(job, JSON.stringify({ log, pending, sources, above, slowest, near: options.near }));
    ended = await session();
    for (const { broken, test } of progress.broken)
      console.error(`${broken} fails without a mutant: ${test}`);
    if (progress.broken.length > 0) process.exit(1);
  }
}

function stillToTry(one) {
  const been = [...(progress.outcomes.get(one.key)?.been ?? [])];
  return [{ ...one, ...tests.get(one.file), been }];
}

function session() {
  const child = spawn(process.execPath, ['bench/mutants/session.mjs', job], {
    env: { ...process.env, RESEED_CACHE: 'off' },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = () => process.kill(-child.pid, 'SIGKILL');
  const interrupted = () => {
    stop();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  return new Promise((resolve) => {
    let since = Date.now();
    let workedBefore;
    const watch = setInterval(() => {
      if (progress.readOn()) [since, workedBefore] = [Date.now(), undefined];
      tell();
      const { start, limit } = progress.last;
      if (start === undefined || Date.now() - since < limit) return;
      // On a busy machine a test can wait for its turn: what counts is for how long it works.
      workedBefore ??= workedFor(child.pid);
      if (workedFor(child.pid) - workedBefore > limit) stop();
    }, 2000);
    child.on('exit', (code) => {
      clearInterval(watch);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      progress.readOn();
      const { start, test } = progress.last;
      // Ended as it went on without end; or it brought the process down by itself.
      if (code === kept) return resolve('cut');
      if (code !== 0 && start !== undefined) progress.add({ done: start, test, failed: 'out of time' });
      else if (code !== 0) throw new Error(`the tests ended with ${code}`);
      resolve(code === 0 ? 'whole' : 'cut');
    });
  });
}

/** Milliseconds of CPU that a group of processes has used. */
function workedFor(group) {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,time='], { encoding: 'utf8' });
  const times = stdout.split('\n').flatMap((line) => {
    const [id, time] = line.trim().split(/\s+/);
    return Number(id) === group ? [time.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0)] : [];
  });
  return 1000 * times.reduce((sum, time) => sum + time, 0);
}

function tell() {
  if (!process.stderr.isTTY) return;
  const killed = chosen.filter(({ key }) => progress.killed(key)).length;
  process.stderr.write(`\r${killed} killed of ${chosen.length}; ${progress.last.test ?? ''}`.padEnd(100));
}
