// Kills a study or a comparison at random moments, goes on each time, and compares what it ends with to an unbroken run,
// byte for byte.
//
//   npm run kills -- examples/architectures.yaml [--times 20] [--seed 1] [--quick]
//   npm run kills -- --compare A B … [--activations x.npy] [--draws N] [--times 20] [--seed 1]
//
// Every file counts but those in .work; the time at which results were made is left out. Ends with code 1 where one differs.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/tensor/rng.js';

const { values: options, positionals: inputs } = parseArgs({
  allowPositionals: true,
  options: {
    compare: { type: 'boolean', default: false },
    activations: { type: 'string' },
    draws: { type: 'string' },
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
});
if (options.compare ? inputs.length < 2 : inputs.length !== 1) {
  console.error(
    'kills: which study, or which SAEs? npm run kills -- examples/architectures.yaml | --compare A B …',
  );
  process.exit(2);
}
const cli = new URL('../dist/cli/main.js', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'reseed-kills-'));
const whole = join(folder, 'whole');
const broken = join(folder, 'broken');
// Both write into a folder of the same name, since the results tell the command that makes them.
const outName = 'out';

/** What is run; paths are whole, because each run has a working directory of its own. */
function command() {
  const files = inputs.map((path) => resolve(path));
  if (!options.compare) return ['run', ...files, ...(options.quick ? ['--quick'] : [])];
  const x = options.activations ? ['--activations', resolve(options.activations)] : [];
  return ['compare', ...files, ...x, ...(options.draws ? ['--draws', options.draws] : [])];
}

/** Runs to the end, or until it is killed so long after it has begun, or has come to its main work. */
async function run(cwd, killAfter = Number.POSITIVE_INFINITY, since = 'start') {
  await mkdir(cwd, { recursive: true });
  const args = [cli, ...command(), '--out', outName];
  // What is kept between runs is each folder's own: else the second would recall what the first has computed.
  const env = { ...process.env, RESEED_CACHE: join(cwd, 'cache') };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  let timer;
  const arm = () => {
    if (Number.isFinite(killAfter)) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
  };
  if (since === 'start') arm();
  child.stderr.on('data', (chunk) => {
    told += chunk;
    if (told.includes('training:')) arm();
  });
  const started = performance.now();
  const [code, signal] = await new Promise((settle) => child.on('close', (...end) => settle(end)));
  clearTimeout(timer);
  const killed = signal === 'SIGKILL' && Number.isFinite(killAfter);
  if (code !== 0 && !killed) throw new Error(`it ended with ${signal ?? `code ${code}`}\n${told}`);
  return { killed, seconds: (performance.now() - started) / 1000, last: lastLine(told) };
}

function lastLine(text) {
  return (
    text
      .trimEnd()
      .split(/[\r\n]/)
      .at(-1) ?? ''
  );
}

/** Every file of a folder but what is kept for going on, without the time of the results. */
async function contents(root) {
  const { createdAt } = JSON.parse(await readFile(join(root, 'results.json'), 'utf8'));
  const shown = `${createdAt.slice(0, 10)} ${createdAt.slice(11, 16)} UTC`;
  const found = new Map();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (!entry.isFile() || path.startsWith('.work')) continue;
    const bytes = await readFile(join(root, path));
    const timed = /\.(json|html|md)$/.test(path);
    const text = bytes.toString(timed ? 'utf8' : 'latin1');
    found.set(path, timed ? text.replaceAll(createdAt, '').replaceAll(shown, '') : text);
  }
  return found;
}

const { seconds: length } = await run(whole);
console.log(`unbroken: ${length.toFixed(0)} s`);

const rng = new Rng(Number(options.seed), 'kills');
const times = Number(options.times);

/** Milliseconds until the next kill, and from when on. */
function nextKill(kills) {
  const draw = rng.uniform();
  // So that all of them together go through about one run.
  const inTurn = (2000 * length * draw) / (times + 1);
  // Reading the activations is not kept until it is done: if every kill fell into it, none would fall later.
  if (!options.compare) return [inTurn, kills % 4 === 0 ? 'start' : 'training'];
  // Reading is the start of every comparison; every other kill falls anywhere in a run, its end as well.
  return [kills % 2 === 0 ? 1000 * length * draw : inTurn, 'start'];
}

for (let kills = 0; kills < times; ) {
  const { killed, seconds, last } = await run(broken, ...nextKill(kills));
  if (killed) {
    kills++;
    console.log(`kill ${kills} after ${seconds.toFixed(1)} s: ${last}`);
  } else {
    console.log('it was done before its time: what is to be killed next starts from nothing');
    await rm(broken, { recursive: true, force: true });
  }
}
await run(broken);
const [expected, found] = [await contents(join(whole, outName)), await contents(join(broken, outName))];
const differing = [...new Set([...expected.keys(), ...found.keys()])].filter(
  (path) => expected.get(path) !== found.get(path),
);
console.log(`${expected.size} files, ${differing.length} differ`);
for (const path of differing) console.log(`  ${path}`);
await rm(folder, { recursive: true, force: true });
if (differing.length > 0) process.exitCode = 1;
